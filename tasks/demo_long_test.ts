/**
 * That the examples run unchanged on every backend: the demo does so, with nothing but the
 * environment to tell it where.
 *
 * @module
 */
import { strictEqual } from "node:assert/strict";
import { haveEngine, testImages } from "../clusters/docker/testing/engine.ts";
import { AwsServerProcess } from "../clusters/aws/testing/aws_server_process.ts";
import { canBoot } from "../clusters/aws/testing/machines/requirement.ts";

Deno.test("the examples run on loopback agents", async () => {
  await runDemo({ CLUSTERTEST_BACKEND: "loopback" });
});

Deno.test({
  name: "the examples run on Docker containers",
  ignore: !await haveEngine(),
  fn: async () => {
    await runDemo({ CLUSTERTEST_BACKEND: "docker", CLUSTERTEST_DOCKER_IMAGE: testImages.ami });
  },
});

Deno.test({
  name: "the examples run on EC2 instances of a local AWS",
  ignore: !await canBoot(),
  fn: async () => {
    await using server = await AwsServerProcess.start({ stack: true });
    await runDemo({ ...server.env, CLUSTERTEST_BACKEND: "ec2" });
  },
});

/** All examples have to pass, and none to be left out. */
async function runDemo(env: Record<string, string>): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "demo", "--no-check"],
    cwd: new URL("..", import.meta.url),
    env: { ...env, NO_COLOR: "1" },
  }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  strictEqual(code, 0, said);
  const examples = [...Deno.readDirSync(new URL("../examples", import.meta.url))]
    .filter(({ name }) => name.endsWith("_test.ts"));
  const [, passed] = said.match(/^ok \| (\d+) passed .*\| 0 failed/m) ?? [];
  strictEqual(Number(passed), examples.length, said);
  strictEqual(/ignored/.test(said.match(/^ok \|.*$/m)![0]), false, said);
}
