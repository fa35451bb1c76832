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

const folder = new URL("../examples/", import.meta.url);
const all = [...Deno.readDirSync(folder)]
  .map(({ name }) => name)
  .filter((name) => name.endsWith("_test.ts"));

/** The examples in which a text is not. */
function allWithout(text: string): string[] {
  return all.filter((name) => !Deno.readTextFileSync(new URL(name, folder)).includes(text));
}

/** What runs where nodes share the network of this machine. */
const withoutFaults = allWithout("cluster.faults");

/** What runs on any machines: one example names its backends itself, and needs an image. */
const withoutImage = allWithout("CLUSTERTEST_DOCKER_IMAGE");

Deno.test("the examples run on loopback agents", async () => {
  await runDemo({ CLUSTERTEST_BACKEND: "loopback" }, withoutFaults);
});

Deno.test({
  name: "the examples run on Docker containers",
  ignore: !await haveEngine(),
  fn: async () => {
    const image = testImages.ami;
    await runDemo({ CLUSTERTEST_BACKEND: "docker", CLUSTERTEST_DOCKER_IMAGE: image }, all);
  },
});

Deno.test({
  name: "the examples run on EC2 instances of a local AWS",
  ignore: !await canBoot(),
  fn: async () => {
    await using server = await AwsServerProcess.start({ stack: true });
    await runDemo({ ...server.env, CLUSTERTEST_BACKEND: "ec2" }, withoutImage);
  },
});

/** These examples have to pass, and no others to be left out than those with faults. */
async function runDemo(env: Record<string, string>, examples: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "demo", "--no-check"],
    cwd: new URL("..", import.meta.url),
    env: { ...env, NO_COLOR: "1" },
  }).output();
  const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  strictEqual(code, 0, said);
  const [, passed, ignored = 0] =
    said.match(/^ok \| (\d+) passed .*\| 0 failed(?: \| (\d+) ignored)?/m) ?? [];
  strictEqual(Number(passed), examples.length, said);
  strictEqual(Number(ignored), all.length - examples.length, said);
}
