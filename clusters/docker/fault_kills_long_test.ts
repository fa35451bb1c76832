import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { requirement } from "../requirement.ts";
import { eventually } from "../waiting/mod.ts";
import { docker } from "./backend.ts";
import { firstProcessOf, tablesOf } from "./testing/container_processes.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";
import { canStartEngines, PrivateEngine } from "./testing/private_engine.ts";

const canStart = await haveEngine() && await canStartEngines();
const seesNetworks = canStart &&
  await requirement("nft", () => tablesOf(`${Deno.pid}`)) !== undefined;

/** Milliseconds after the latest heartbeat until an agent ends itself. */
const LEASE = 8_000;

Deno.test({
  name: "faults are made and healed when the engine was killed, and end within the lease",
  ignore: !seesNetworks,
  // The cluster cannot be given back: its guardian stays until this process has ended.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using alone = await PrivateEngine.start();
    await using usual = await openEngine();
    await alone.load(testImages.busybox, usual);
    const { host } = alone;
    const backend = docker({ host, image: testImages.busybox });
    const heartbeat = { interval: LEASE / 8, timeout: LEASE };
    const cluster = await Cluster.create(backend, { heartbeat, progress: false });
    await using _cluster = {
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose]().catch(() => {}),
    };
    const [a, b] = await cluster.addNodes(2);
    const pids = await Promise.all([a, b].map(({ id }) => firstProcessOf(id, host)));
    const tables = async () => (await tablesOf(pids[1]!)).length;
    // Between the containers of such an engine no packet passes: the kernel is asked what there is.
    const cut = await cluster.faults.partition([a, b], { proof: false });
    await alone.kill();
    strictEqual(await tables(), 1);
    await cut.heal();
    strictEqual(await tables(), 0);
    await cluster.faults.block({ from: a, to: b }, { proof: false });
    strictEqual(await tables(), 1);
    await rejects(cluster[Symbol.asyncDispose](), /cannot be reached/);
    // The network goes with the last process in it.
    await eventually(async () => {
      const left = await Promise.all(pids.map((pid) => Deno.stat(`/proc/${pid}`).catch(() => {})));
      deepStrictEqual(left, [undefined, undefined]);
    }, { timeout: 60_000 });
  },
});
