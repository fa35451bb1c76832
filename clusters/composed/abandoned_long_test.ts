/**
 * What becomes of the nodes of several backends when nobody is left who would give them back.
 *
 * @module
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import { awaitResources } from "../docker/testing/await_resources.ts";
import { docker } from "../docker/mod.ts";
import { haveEngine, openEngine, testImages } from "../docker/testing/engine.ts";
import { canStartEngines, PrivateEngine } from "../docker/testing/private_engine.ts";
import { awaitState, commandLines } from "../guardian/testing/command_lines.ts";
import { kubernetes } from "../kubernetes/mod.ts";
import type { Pod } from "../kubernetes/pod.ts";
import { haveCluster, testImages as podImages } from "../kubernetes/testing/cluster.ts";
import { TestNamespace } from "../kubernetes/testing/namespace.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { RunnerProcess } from "../testing/runner_process.ts";
import { eventually } from "../waiting/mod.ts";
import { composed } from "./mod.ts";

const hasCluster = await haveCluster();
const ignore = !await haveEngine() || !await canStartEngines();

/** Milliseconds that nodes live without a runner. */
const LEASE = 5_000;

/** Milliseconds after which all has to be over: some of a Kubernetes look every ten seconds only. */
const PATIENCE = 90_000;

Deno.test({
  name: "nodes of all members end within the lease when runner and guardian are killed",
  ignore,
  async fn() {
    await using usual = await openEngine();
    // Where no other run sweeps.
    await using alone = await PrivateEngine.start();
    await alone.load(testImages.busybox, usual);
    await using engine = await alone.connect();
    await using stack = new AsyncDisposableStack();
    const namespace = hasCluster ? stack.use(await TestNamespace.make()) : undefined;
    const far = { image: testImages.busybox, host: alone.host };
    const pods = namespace && {
      image: podImages.busybox,
      namespace: namespace.name,
      requests: { cpus: 0.1 },
    };
    const composition = {
      far: { docker: far },
      there: { loopback: {} },
      here: { local: {} },
      ...pods && { pods: { kubernetes: pods } },
    };
    const plan = { backend: { composed: composition }, nodes: 1, lease: LEASE };
    await using runner = new RunnerProcess(plan);
    const { cluster, run } = await runner.clusterAndRun();
    await runner.outputs();
    // Each member has an id of its own, and an agent of this machine its folder in its command line.
    const agents = () => commandLines([`${cluster}1`]);
    const state = { clusterId: `${cluster}0`, within: PATIENCE };
    ok((await agents()).length > 0);
    await awaitResources(engine, state, (all) => all.some(({ kind }) => kind === "container"));
    await runner.killWithGuardian();

    await awaitResources(engine, state, (all) => all.every(({ kind }) => kind === "network"));
    await awaitState(agents, ({ length }) => length === 0, PATIENCE);
    await eventually(async () => {
      const { signal } = new AbortController();
      const { items = [] } = await namespace?.api.list<Pod>("pods", { signal }) ?? {};
      deepStrictEqual(items.map(({ status }) => status?.phase), pods ? ["Failed"] : []);
    }, { timeout: PATIENCE });

    const members = { far: docker(far), there: loopback(), here: local() };
    const backend = composed({ ...members, ...pods && { pods: kubernetes(pods) } });
    await backend.sweep({ run });
    await awaitResources(engine, { ...state, within: 0 }, ({ length }) => length === 0);
    deepStrictEqual(await namespace?.leftOvers() ?? [], []);
    const { found } = await backend.sweep({ run, dryRun: true });
    deepStrictEqual(found, []);
  },
});
