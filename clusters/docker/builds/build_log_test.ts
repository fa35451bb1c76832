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

Deno.test("a build's log tells what was made besides the image", () => {
  const log = new BuildLog(new HiddenValues({}));
  const take = (...lines: string[]) => lines.forEach((line) => log.take({ stream: `${line}\n` }));
  take("Step 1/6 : FROM busybox AS one", " ---> 000000000000");
  deepStrictEqual(log.parts, []);
  take("Step 2/6 : RUN one", " ---> Running in 999999999999", " ---> 111111111111");
  deepStrictEqual(log.parts, ["111111111111"]);
  take("Step 3/6 : RUN two", " ---> Using cache", " ---> 222222222222");
  take("Step 4/6 : FROM busybox", " ---> 000000000000");
  deepStrictEqual(log.parts, ["222222222222"]);
  take("Step 5/6 : FROM one", " ---> 222222222222", "Step 6/6 : RUN x", " ---> 333333333333");
  deepStrictEqual(log.parts, ["222222222222", "333333333333"]);
  log.finish();
  deepStrictEqual(log.parts, ["222222222222"]);
});
