/**
 * What becomes of containers whose runner has died, on a real engine.
 *
 * @module
 */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { delay } from "../../agent/delay.ts";
import { Cluster } from "../cluster/cluster.ts";
import { docker } from "./backend.ts";
import type { Engine } from "./engine/engine.ts";
import { type AwaitedState, awaitResources } from "./testing/await_resources.ts";
import { haveEngine, openEngine, testImages } from "./testing/engine.ts";
import { canStartEngines, PrivateEngine } from "./testing/private_engine.ts";
import { RunnerProcess } from "../testing/runner_process.ts";

const ignore = !await haveEngine();
const canBeAlone = !ignore && await canStartEngines();

/** Milliseconds that a guardian has for everything, on a machine that is busy with other tests. */
const SECONDS = 60_000;

const options = { image: testImages.busybox };
const backend = { docker: options };

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

test("a guardian removes everything when its runner is killed during a test", async () => {
  await using engine = await openEngine();
  await using runner = new RunnerProcess({ backend, nodes: 3, lease: 600_000 });
  const clusterId = await runner.cluster();
  deepStrictEqual(await runner.outputs(), ["node1", "node2", "node3"]);
  await runner.kill();
  await awaitResources(engine, { clusterId, within: SECONDS }, ({ length }) => length === 0);
});

test("a guardian removes everything when its runner is killed while it adds nodes", async () => {
  await using engine = await openEngine();
  await using runner = new RunnerProcess({ backend, nodes: 12, lease: 600_000 });
  const state: AwaitedState = { clusterId: await runner.cluster(), within: SECONDS };
  await awaitResources(engine, state, (all) => all.some(({ kind }) => kind === "container"));
  await runner.kill();
  await awaitResources(engine, state, ({ length }) => length === 0);
});

/** Where no other run sweeps. */
function testAlone(
  name: string,
  fn: (host: string, engine: Engine, alone: PrivateEngine) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: ignore || !canBeAlone,
    fn: async () => {
      await using alone = await PrivateEngine.start();
      await using usual = await openEngine();
      await alone.load(options.image, usual);
      await using engine = await alone.connect();
      await fn(alone.host, engine, alone);
    },
  });
}

testAlone(
  "a guardian removes what its runner could not give back, once the engine is there again",
  async (host, engine, alone) => {
    const plan = { backend: { docker: { ...options, host } }, nodes: 2, lease: 600_000 };
    await using runner = new RunnerProcess(plan);
    const clusterId = await runner.cluster();
    await runner.outputs();
    await alone.kill();
    strictEqual(await runner.end(), false);
    await alone.startAgain();
    await awaitResources(engine, { clusterId, within: SECONDS }, ({ length }) => length === 0);
  },
);

testAlone(
  "containers end within the lease when runner and guardian are killed",
  async (host, engine) => {
    const plan = { backend: { docker: { ...options, host } }, nodes: 2, lease: 8_000 };
    await using runner = new RunnerProcess(plan);
    const state: AwaitedState = { clusterId: await runner.cluster(), within: SECONDS };
    await runner.outputs();
    await runner.killWithGuardian();
    const left = await awaitResources(
      engine,
      state,
      (all) => all.every(({ kind }) => kind === "network"),
    );
    strictEqual(left.length, 1);

    const { found } = await docker({ host }).sweep({ dryRun: true });
    const mine = found.filter(({ id }) => id.includes(state.clusterId));
    deepStrictEqual(mine.map(({ kind, outcome }) => [kind, outcome]), [
      ["network", "would be removed"],
    ]);
    await awaitResources(engine, state, ({ length }) => length === 1);
    await docker({ host }).sweep();
    await awaitResources(engine, state, ({ length }) => length === 0);
  },
);

testAlone(
  "containers of nodes that are down end within the lease when runner and guardian are killed",
  async (host, engine) => {
    const plan = { backend: { docker: { ...options, host } }, nodes: 2, lease: 8_000, down: true };
    await using runner = new RunnerProcess(plan);
    const state: AwaitedState = { clusterId: await runner.cluster(), within: SECONDS };
    await runner.outputs();
    const isContainer = ({ kind }: { kind: string }) => kind === "container";
    // While the runner lives, the lease of a node that is down goes on.
    await delay(2 * plan.lease);
    const living = await awaitResources(engine, { ...state, within: 0 }, () => true);
    strictEqual(living.filter(isContainer).length, 2);
    await runner.killWithGuardian();
    await awaitResources(engine, state, (all) => !all.some(isContainer));
    await docker({ host }).sweep();
    await awaitResources(engine, state, ({ length }) => length === 0);
  },
);

testAlone(
  "what runner and guardian left when they were killed goes with the next run",
  async (host, engine) => {
    const plan = { backend: { docker: { ...options, host } }, nodes: 12, lease: 600_000 };
    await using runner = new RunnerProcess(plan);
    const state: AwaitedState = { clusterId: await runner.cluster(), within: SECONDS };
    await awaitResources(engine, state, (all) => all.some(({ kind }) => kind === "container"));
    await runner.killWithGuardian();
    await using _cluster = await Cluster.create(docker({ host }), { progress: false });
    await awaitResources(engine, state, ({ length }) => length === 0);
  },
);

test("a sweep leaves alone what a living runner has", async () => {
  await using engine = await openEngine();
  await using runner = new RunnerProcess({ backend, nodes: 1, lease: 600_000 });
  const clusterId = await runner.cluster();
  await runner.outputs();
  await docker(options).sweep();
  const isWhole = ({ length }: { length: number }): boolean => length === 3;
  await awaitResources(engine, { clusterId, within: 0 }, isWhole);
  strictEqual(await runner.end(), true);
  await awaitResources(engine, { clusterId, within: 0 }, ({ length }) => length === 0);
});
