/**
 * Why nodes are lost, each provoked on a real cluster.
 *
 * @module
 */
import { match, ok, strictEqual } from "node:assert/strict";
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

/** Loses the one node of a cluster, and resolves to what is said of it. */
async function lossOf(
  options: KubernetesOptions,
  lose: (node: Node, namespace: TestNamespace) => Promise<unknown>,
): Promise<NodeLostError> {
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

Deno.test({ name: "a node whose pod is deleted says so", ignore }, async () => {
  const { reason } = await lossOf({}, (node, { api }) => api.delete("pods", node.id, { signal }));
  match(reason, /^its pod (is being|was) deleted$/);
});

Deno.test({ name: "a node whose container ends says with which code", ignore }, async () => {
  const { reason } = await lossOf(
    {},
    (node) => node.run("sh", ["-c", "kill -TERM 1"]).catch(() => {}),
  );
  strictEqual(reason, "its container ended with exit code 0");
});

Deno.test({ name: "a node that is killed for want of memory says so", ignore }, async () => {
  const { reason } = await lossOf({ memory: "128m" }, async (node) => {
    // What is in a file system in memory stays when who wrote it is killed: then it is the agent's turn.
    await node.spawn("sh", ["-c", "cat /dev/zero > /clustertest/launch/full"]);
  });
  strictEqual(
    reason,
    "its container was killed because it needed more memory than its limit of 128m allows " +
      "(out of memory)",
  );
});

Deno.test(
  { name: "a node that is evicted says so, with the kubelet's words", ignore },
  async () => {
    const volumes = { "/small": { emptyDir: { sizeLimit: "1Mi" } } };
    const { reason } = await lossOf({ volumes }, async (node) => {
      await node.run("dd", ["if=/dev/zero", "of=/small/file", "bs=1M", "count=8"]);
    });
    match(reason, /^its pod was evicted from its machine: .*emptyDir.* \(Evicted\)$/i);
  },
);
