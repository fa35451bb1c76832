import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { BuildLog } from "./build_log.ts";
import { HiddenValues } from "./hidden_values.ts";

function failureOf(lines: readonly string[], args: Record<string, string> = {}): string {
  const log = new BuildLog(new HiddenValues(args));
  for (const stream of lines) log.take({ stream });
  return log.failure("The command '/bin/sh -c false' returned a non-zero code: 1");
}

Deno.test("a build's failure has its step, and what that has written", () => {
  const lines = [
    "Step 1/2 : FROM busybox",
    "\n",
    " ---> bc781d117f51\n",
    "earlier\n",
    "Step 2/2 : RUN echo no; false",
    "\n",
    " ---> Running in 0123456789ab\n",
    "no\nno",
    "pe\n",
    "Removing intermediate container 0123456789ab\n",
  ];
  strictEqual(
    failureOf(lines),
    "step 2 of 2 failed, `RUN echo no; false`: " +
      "The command '/bin/sh -c false' returned a non-zero code: 1\n" +
      "  its output:\n    no\n    nope",
  );
  strictEqual(failureOf([]), "The command '/bin/sh -c false' returned a non-zero code: 1");
});

Deno.test("a build's log tells each step once it begins", () => {
  const log = new BuildLog(new HiddenValues({ TOKEN: "s3cret" }));
  deepStrictEqual(log.take({ stream: "Step 3/7 : RUN echo s3cret\n" }), {
    number: 3,
    total: 7,
    text: "RUN echo <TOKEN>",
  });
  strictEqual(log.take({ stream: "hello\n" }), undefined);
});

Deno.test("values of arguments are hidden, also those that come in pieces", () => {
  const lines = ["Step 1/1 : RUN x", "the s3c", "ret, and s3cret2\n"];
  const args = { TOKEN: "s3cret", LONGER: "s3cret2", EMPTY: "" };
  const failure = failureOf(lines, args);
  strictEqual(failure.includes("s3c"), false, failure);
  strictEqual(failure.endsWith("the <TOKEN>, and <LONGER>"), true, failure);
});

Deno.test("a short value is hidden where it is a word", () => {
  const hidden = new HiddenValues({ N: "1", V: "$&" });
  strictEqual(hidden.hide("N=1, 11, v1, 1.5 and $&"), "N=<N>, 11, v1, 1.5 and <V>");
});
