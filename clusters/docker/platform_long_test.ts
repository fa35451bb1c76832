/**
 * Nodes of another architecture than the engine's machine has.
 *
 * @module
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/cluster.ts";
import { requirement } from "../requirement.ts";
import { docker } from "./backend.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";
import { Registry } from "./testing/registry.ts";

const [emulated, platform, architecture] = Deno.build.arch === "aarch64"
  ? ["x86_64", "linux/amd64", "amd64"] as const
  : ["aarch64", "linux/arm64", "arm64"] as const;

/** Whether the kernel runs programs of that architecture in containers too. */
const canEmulate = await requirement("qemu", async () => {
  const path = `/proc/sys/fs/binfmt_misc/qemu-${emulated}`;
  const flags = /^flags: .*F/m.test(await Deno.readTextFile(path));
  if (!flags) throw new Error(`"${path}" does not keep its interpreter open (flag F)`);
  return true;
});

const ignore = !await haveEngine() || !canEmulate;

Deno.test({
  name: `docker() gives nodes for ${platform} where the kernel emulates it`,
  ignore,
  fn: async () => {
    await using registry = new Registry({ architecture });
    const image = `${registry.host}/thing:1`;
    {
      await using cluster = await Cluster.create(docker({ image, platform }), { progress: false });
      const node = await cluster.addNode();
      deepStrictEqual(node.build, { os: "linux", arch: emulated });
      await node.writeTextFile("file", "content");
      strictEqual(await node.readTextFile("file"), "content");
    }
    await removeImage(image);
  },
});

Deno.test({
  name: "docker() keeps to an image when its name comes to mean that of another platform",
  ignore,
  fn: async () => {
    await using registry = new Registry({ architecture });
    const image = `${registry.host}/thing:1`;
    await using engine = await openEngine();
    const tag = { repo: `${registry.host}/thing`, tag: "1" };
    const path = `/images/${testImages.busybox}/tag`;
    await engine.call({ what: "tag an image", method: "POST", path, query: tag });
    {
      await using cluster = await Cluster.create(docker({ image }), { progress: false });
      const before = await cluster.addNode();
      await cluster.addNode({ platform });
      const after = await cluster.addNode();
      for (const node of [before, after]) {
        strictEqual((await node.run("echo", ["here"])).stdout, "here\n");
      }
    }
    await removeImage(image);
  },
});

async function removeImage(image: string): Promise<void> {
  await using engine = await openEngine();
  await engine.call({ what: "remove an image", method: "DELETE", path: `/images/${image}` });
}
