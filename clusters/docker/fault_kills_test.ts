/**
 * What is left of faults when one of their parts is killed.
 *
 * @module
 */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { NodeLostError } from "../errors.ts";
import { eventually } from "../waiting/mod.ts";
import { docker } from "./backend.ts";
import { awaitResources } from "./testing/await_resources.ts";
import { withSidecars } from "./testing/changed_packets.ts";
import { containersOf, killAgentIn } from "./testing/container_processes.ts";
import { haveEngine, openEngine, seesThisMachine, testImages } from "./testing/engine.ts";
import { PATIENCE, pingable } from "./testing/ping.ts";
import { run } from "./testing/run.ts";

const ignore = !await haveEngine() || !await seesThisMachine();

/** Milliseconds in which containers have to be gone, on a machine that is busy. */
const SECONDS = 60_000;

const make = () => Cluster.create(docker({ image: testImages.busybox }), { progress: false });

/** Resolves once a cluster has so many containers. */
async function awaitContainers({ id }: Cluster, count: number): Promise<void> {
  await using engine = await openEngine();
  const state = { clusterId: id, within: SECONDS };
  await awaitResources(engine, state, (all) => {
    return all.filter(({ kind }) => kind === "container").length === count;
  });
}

Deno.test({
  name: "a fault fails when its node is killed while what makes it is launched, and leaves nothing",
  ignore,
  async fn() {
    const lost = Promise.withResolvers<void>();
    // However soon it has been launched, it is not used before the node is lost.
    const backend = withSidecars((host) => async (options) => {
      const launching = host(options);
      await Promise.allSettled([launching, lost.promise]);
      return await launching;
    });
    await using cluster = await Cluster.create(backend, { progress: false });
    const [a, b, c] = await cluster.addNodes(3);
    b.signal.addEventListener("abort", () => lost.resolve());
    const making = cluster.faults.block({ from: a, to: b });
    making.catch(() => {});
    // The container beside the node exists, and its agent has yet to start.
    await awaitContainers(cluster, 4);
    await run("docker", ["kill", b.id]);
    await rejects(making, NodeLostError);
    strictEqual(await pingable(a, c.address, PATIENCE), true);
    await using _cut = await cluster.faults.block({ from: a, to: c });
    strictEqual(await pingable(a, c.address), false);
    await awaitContainers(cluster, 3);
  },
});

Deno.test({
  name: "what makes the faults of a node goes with the node when its agent is killed",
  ignore,
  async fn() {
    await using cluster = await make();
    const [a, b, c] = await cluster.addNodes(3);
    const cut = await cluster.faults.partition([a, [b, c]]);
    await killAgentIn(a.id);
    await rejects(a.run("sleep", ["60"]), NodeLostError);
    await awaitContainers(cluster, 4);
    strictEqual(await pingable(b, c.address, PATIENCE), true);
    await cut.heal();
    const again = await cluster.faults.partition([b, c]);
    strictEqual(await pingable(b, c.address), false);
    await again.heal();
  },
});

Deno.test({
  name: "packets pass again when the agent beside a node is killed, and that is told",
  ignore,
  async fn() {
    await using cluster = await make();
    const told: string[] = [];
    using _subscription = cluster.events.subscribe((event) => {
      if (event.type === "fault-healed") told.push(event.error ?? "");
    });
    const [a, b] = await cluster.addNodes(2);
    const cut = await cluster.faults.block({ from: a, to: b }, { protocol: "icmp" });
    const slow = await cluster.faults.shape({ from: a, to: b }, { latency: 50 });
    const [sidecar] = await containersOf(cluster.id, `${b.name}.`);
    await killAgentIn(sidecar!);
    await eventually(async () => strictEqual(await pingable(a, b.address), true));
    await eventually(() => strictEqual(told.length, 2));
    for (const error of told) match(error, /^The fault ended on node "node2" by itself: /);
    for (const fault of [slow, cut]) await rejects(fault.heal(), /it was lost before\.\n.*"node2"/);
    await eventually(async () => deepStrictEqual(await containersOf(cluster.id, `${b.name}.`), []));
  },
});
