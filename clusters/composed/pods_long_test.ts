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
    const pods = () => kubernetes({ image, requests: { cpus: 0.2 } });
    const backend = composed({
      pods: pods(),
      box: docker({ image }),
      here: local(),
      there: loopback(),
      more: pods(),
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
      // A link's name stays in the hosts file of a pod when those of others come.
      const names = async () =>
        [...(await pod.readTextFile("/etc/hosts")).matchAll(/[\t ](node\d)/g)]
          .map(([, name]) => name);
      {
        await using service = await box.listen({ port: PORT + 1, hostname: box.address });
        await using link = await cluster.link(pod, box, PORT + 1, { hosts: true });
        const late = await cluster.addNodes([{ in: "pods" }, { in: "more" }]);
        deepStrictEqual(await names(), ["node1", "node5", "node2"]);
        await using client = await pod.connect({ hostname: box.name, port: link.port });
        await using accepted = await service.accept();
        await client.closeWrite();
        strictEqual(await accepted.readable.text(), "");
        // Two members that are one Kubernetes have one network.
        await using beside = await cluster.link(late[1], pod, PORT);
        deepStrictEqual([beside.by, beside.hostname], ["network", pod.address]);
        for (const each of late) await each.destroy();
      }
      strictEqual((await names()).includes(box.name), false);
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
