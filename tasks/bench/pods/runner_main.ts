// deno-lint-ignore-file no-console -- its parent reads what it prints
/**
 * A runner with as many pods as its first argument says, in the namespace of the kubeconfig that its second
 * one names: pods that no scheduler sees, since what stands in for machines says that they run. Prints what
 * they take.
 *
 * @module
 */
import process from "node:process";
import { Cluster } from "../../../clusters/cluster/mod.ts";
import { kubernetes } from "../../../clusters/kubernetes/backend.ts";
import { milliseconds } from "../timing.ts";
import type { PodsPoint } from "./pods_point.ts";
import { STAND_IN } from "./stand_in_machines.ts";

const [count = "1", kubeconfig] = Deno.args;
const nodes = Number(count);
const backend = kubernetes({
  image: STAND_IN,
  helperImage: STAND_IN,
  // Nothing is sent: nothing of it runs.
  agentImage: STAND_IN,
  kubeconfig,
  reachedBy: "address",
  scheduleTimeout: 600_000,
  startTimeout: 600_000,
  customize: (pod) => ({ ...pod, spec: { ...pod.spec, schedulerName: STAND_IN } }),
});
const cluster = await Cluster.create(backend, { progress: false });
const before = process.cpuUsage();
const launch = await milliseconds(() => cluster.addNodes(nodes));
const memory = Deno.memoryUsage().rss / 1e6;
const dispose = await milliseconds(() => cluster[Symbol.asyncDispose]());
const { user, system } = process.cpuUsage(before);
const point: Omit<PodsPoint, "calls"> = {
  nodes,
  launch,
  dispose,
  memory,
  cpuPerNode: (user + system) / 1000 / nodes,
};
console.log(JSON.stringify(point));
