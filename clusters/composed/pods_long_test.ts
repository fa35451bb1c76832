/**
 * One cluster over Kubernetes, an engine and this machine, with and without agents.
 *
 * @module
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { docker } from "../docker/mod.ts";
import { haveEngine } from "../docker/testing/engine.ts";
import { kubernetes } from "../kubernetes/mod.ts";
import { haveCluster, testImages } from "../kubernetes/testing/cluster.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { currentRun } from "../ownership/mod.ts";
import { composed } from "./mod.ts";

/** Port of the services here. */
const PORT = 7000;

Deno.test({
  name:
    "pods, containers and processes of this machine find each other, are parted, and given back",
  ignore: !await haveCluster() || !await haveEngine(),
  async fn() {
    const image = testImages.glibc;
    const backend = composed({
      pods: kubernetes({ image, requests: { cpus: 0.2 } }),
      box: docker({ image }),
      here: local(),
      there: loopback(),
    });
    {
      await using cluster = await Cluster.create(backend);
      const nodes = await cluster.addNodes([
        { in: "pods" },
        { in: "box" },
        { in: "here" },
        { in: "there" },
      ]);
      deepStrictEqual(
        nodes.map(({ backend }) => backend),
        ["kubernetes", "docker", "local", "loopback"],
      );
      await using mesh = await cluster.mesh(nodes, PORT);
      const direct = [...mesh].filter(({ by }) => by === "network");
      deepStrictEqual(direct.map(({ from, to }) => `${from.name} ${to.name}`), [
        "node3 node4",
        "node4 node3",
      ]);
      const text = new TextEncoder();
      for (const to of nodes) {
        await using service = await to.listen({ port: PORT, hostname: to.address });
        for (const from of nodes.filter((node) => node !== to)) {
          const { hostname, port } = mesh.link(from, to);
          await using client = await from.connect({ hostname, port });
          await using accepted = await service.accept();
          await client.write(text.encode(`to ${to.name}`));
          await client.closeWrite();
          strictEqual(await accepted.readable.text(), `to ${to.name}`);
        }
      }

      const [pod, box, here, there] = nodes;
      await using cut = await cluster.faults.partition([pod, box, [here, there]]);
      const pairs = cut.proof!.checks.map(({ from, to, expected }) => `${from}-${to} ${expected}`);
      deepStrictEqual(pairs.sort(), [
        "node1-node2 dropped",
        "node1-node3 dropped",
        "node1-node4 dropped",
        "node2-node1 dropped",
        "node2-node3 dropped",
        "node2-node4 dropped",
        "node3-node1 dropped",
        "node3-node2 dropped",
        "node4-node1 dropped",
        "node4-node2 dropped",
      ]);
    }
    const { found } = await backend.sweep({ run: currentRun().id, dryRun: true });
    // What kubelet has on the engine, which is the same one here, it removes after the pods.
    deepStrictEqual(found.filter(({ id }) => !id.startsWith("k8s_")), []);
  },
});
