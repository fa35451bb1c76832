/**
 * Many containers, and names that come more than once.
 *
 * @module
 */
import { deepStrictEqual, notStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/cluster.ts";
import { docker } from "./backend.ts";
import type { DockerNodeOptions } from "./docker_options.ts";
import { listResources } from "./list_resources.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";

const ignore = !await haveEngine();

function make(): Promise<Cluster<DockerNodeOptions>> {
  return Cluster.create(docker({ image: testImages.busybox }), { progress: false });
}

Deno.test({
  name: "Cluster.addNodes() adds sixty containers at once, which know each other",
  ignore,
  fn: async () => {
    const cluster = await make();
    const nodes = await cluster.addNodes(60);
    strictEqual(new Set(nodes.map(({ address }) => address)).size, 60);
    const lookups = nodes.map((node, i) => node.run("nslookup", [`node${60 - i}`]));
    for (const [i, { stdout }] of (await Promise.all(lookups)).entries()) {
      strictEqual(stdout.includes(nodes[59 - i]!.address), true);
    }
    await cluster[Symbol.asyncDispose]();
    await using engine = await openEngine();
    deepStrictEqual(await listResources(engine, { clusterId: cluster.id }), []);
  },
});

Deno.test({
  name: "names belong to their cluster, and to one node at a time",
  ignore,
  fn: async () => {
    await using one = await make();
    await using two = await make();
    const [first, second] = await Promise.all(
      [one, two].map((cluster) => cluster.addNode({ name: "leader" })),
    );
    notStrictEqual(first!.address, second!.address);
    await rejects(one.addNode({ name: "leader" }), /the cluster has one of that name/);
    await first!.destroy();
    const third = await one.addNode({ name: "leader" });
    notStrictEqual(third.id, first!.id);
  },
});
