import { match, strictEqual } from "node:assert/strict";
import { AwsServerProcess } from "../clusters/aws/testing/aws_server_process.ts";
import { canBoot } from "../clusters/aws/testing/machines/requirement.ts";

/** What no other test runs: the conformance suites and the examples have some of their own. */
const OWN = "/^ten nodes|^a guardian|^instances end|^nothing is left/";

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
