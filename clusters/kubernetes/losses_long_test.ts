/**
 * Why nodes are lost, each provoked on a real cluster.
 *
 * @module
 */
import { match, ok } from "node:assert/strict";
import { NodeLostError } from "../../mod.ts";
import { Cluster } from "../cluster/cluster.ts";
import type { Node } from "../node/node.ts";
import { kubernetes } from "./backend.ts";
import type { KubernetesOptions } from "./kubernetes_options.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { TestNamespace } from "./testing/namespace.ts";

const ignore = !await haveCluster();
const { signal } = new AbortController();

const requests = { cpus: 0.1 };

interface Loss {
  readonly what: string;
  readonly options?: KubernetesOptions;
  readonly lose: (node: Node, namespace: TestNamespace) => Promise<unknown>;
  readonly reason: RegExp;
}

const losses: readonly Loss[] = [
  {
    what: "a node whose pod is deleted",
    lose: (node, { api }) => api.delete("pods", node.id, { signal }),
    reason: /^its pod (is being|was) deleted$/,
  },
  {
    what: "a node whose container ends",
    lose: (node) => node.run("sh", ["-c", "kill -TERM 1"]).catch(() => {}),
    reason: /^its container ended with exit code 0$/,
  },
  {
    what: "a node that is killed for want of memory",
    options: { memory: "128m" },
    // What is in a file system in memory stays when who wrote it is killed: then it is the agent's turn.
    lose: (node) => node.spawn("sh", ["-c", "cat /dev/zero > /clustertest/launch/full"]),
    reason:
      /^its container was killed because it needed more memory than its limit of 128m allows \(out of memory\)$/,
  },
  {
    what: "a node that is evicted, with the kubelet's words",
    options: { volumes: { "/small": { emptyDir: { sizeLimit: "1Mi" } } } },
    lose: (node) => node.run("dd", ["if=/dev/zero", "of=/small/file", "bs=1M", "count=8"]),
    reason: /^its pod was evicted from its machine: .*emptyDir.* \(Evicted\)$/i,
  },
];

Deno.test({ name: "nodes that are lost say why", ignore }, async (t) => {
  // All at once: a kubelet takes a minute to see what a volume holds.
  const errors = await Promise.all(losses.map(lossOf));
  for (const [i, { what, reason }] of losses.entries()) {
    await t.step(what, () => match(errors[i]!.reason, reason));
  }
});

/** Loses the one node of a cluster, and resolves to what is said of it. */
async function lossOf({ options, lose }: Loss): Promise<NodeLostError> {
  await using namespace = await TestNamespace.make();
  const backend = kubernetes({
    image: testImages.glibc,
    requests,
    namespace: namespace.name,
    ...options,
  });
  await using cluster = await Cluster.create(backend, { progress: false });
  const node = await cluster.addNode();
  const waiting = node.run("sleep", ["1000"]).then(() => undefined, (error: Error) => error);
  await lose(node, namespace);
  const error = await waiting;
  ok(error instanceof NodeLostError, String(error));
  return error;
}
