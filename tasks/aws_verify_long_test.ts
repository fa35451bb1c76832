import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { AwsServerProcess } from "../clusters/aws/testing/aws_server_process.ts";
import { canBoot } from "../clusters/aws/testing/machines/requirement.ts";

/** What no other test runs: the conformance suites and the examples have some of their own. */
const OWN = "/^ten nodes|^a guardian|^instances end|^nothing is left/";

Deno.test("aws:verify runs all examples that need no program of their own", async () => {
  const examples = new URL("../examples/", import.meta.url);
  const needNone: string[] = [];
  for await (const { name } of Deno.readDir(examples)) {
    // An example that needs a program is ignored where that is missing.
    if (!name.endsWith("_test.ts")) continue;
    if (!(await Deno.readTextFile(new URL(name, examples))).includes("ignore:")) {
      needNone.push(name);
    }
  }
  const { tasks } = JSON.parse(await Deno.readTextFile(new URL("../deno.json", examples)));
  const run = [...tasks["aws:verify"].matchAll(/ examples\/(\S+)/g)].map(([, name]) => name);
  deepStrictEqual(run.sort(), needNone.sort());
});

Deno.test({
  name: "aws:verify passes on an account of a local AWS",
  ignore: !await canBoot(),
  fn: async () => {
    await using server = await AwsServerProcess.start({ stack: true });
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["task", "aws:verify", "--filter", OWN],
      cwd: new URL("..", import.meta.url),
      env: { ...server.env, NO_COLOR: "1" },
    }).output();
    const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
    strictEqual(code, 0, said);
    match(said, /^ok \| 4 passed \| 0 failed/m, said);
  },
});
