/**
 * Nodes that are pods of any image, in a Kubernetes cluster that there is.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 * import { kubernetes } from "@clustertest/clustertest/kubernetes";
 *
 * async function twoNodesKnowEachOtherByName(): Promise<void> {
 *   await using cluster = await Cluster.create(kubernetes({ image: "alpine", namespace: "tests" }));
 *   const [one] = await cluster.addNodes(2);
 *   const { success } = await one.run("ping", ["-c", "1", "node2"]);
 *   strictEqual(success, true);
 * }
 *
 * // Where `kubectl` finds a cluster that has Alpine's image, or a way to it:
 * if (Deno.args.includes("kubernetes")) await twoNodesKnowEachOtherByName();
 * ```
 *
 * @module
 */
export { backendFromEnvironment, backendFromRecipe, kubernetes } from "./backend.ts";
export type {
  CustomizedPod,
  KubernetesNodeOptions,
  KubernetesOptions,
  ResourceRequests,
  Toleration,
} from "./kubernetes_options.ts";
export type { ObjectMeta, OwnerReference, PodManifest } from "./pod.ts";
export type { Backend, MemoryAmount, NodeOptions } from "../kit/mod.ts";
