/**
 * What becomes of pods whose runner has died, on a real cluster.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { eventually } from "../../mod.ts";
import { RunnerProcess } from "../testing/runner_process.ts";
import { kubernetes } from "./backend.ts";
import type { Pod } from "./pod.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { TestNamespace } from "./testing/namespace.ts";

const ignore = !await haveCluster();
const { signal } = new AbortController();

/** Milliseconds in which machines have ended pods: some look every ten seconds only. */
const SECONDS = 90_000;

function planIn({ name: namespace }: TestNamespace, { nodes = 2, lease = 600_000 } = {}) {
  const requests = { cpus: 0.1 };
  return {
    backend: { kubernetes: { image: testImages.busybox, namespace, requests } },
    nodes,
    lease,
  };
}

/** Waits until nothing is left that is ours. */
async function awaitNothing(namespace: TestNamespace): Promise<void> {
  await eventually(async () => deepStrictEqual(await namespace.leftOvers(), []), {
    timeout: SECONDS,
  });
}

Deno.test({ name: "a guardian removes all pods when its runner is killed", ignore }, async () => {
  await using namespace = await TestNamespace.make();
  await using runner = new RunnerProcess(planIn(namespace));
  await runner.cluster();
  deepStrictEqual(await runner.outputs(), ["node1", "node2"]);
  await runner.kill();
  await awaitNothing(namespace);
});

Deno.test({
  name: "a guardian removes all pods when its runner is killed while it adds nodes",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    await using runner = new RunnerProcess(planIn(namespace, { nodes: 4 }));
    await runner.cluster();
    await eventually(async () => {
      const all = await namespace.leftOvers();
      ok(all.some((each) => each.startsWith("pods/")));
    }, { timeout: SECONDS });
    await runner.kill();
    await awaitNothing(namespace);
  },
});

Deno.test({
  name: "pods end within the lease when runner and guardian are killed, and a sweep removes them",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    await using runner = new RunnerProcess(planIn(namespace, { lease: 5000 }));
    await runner.cluster();
    await runner.outputs();
    await runner.killWithGuardian();
    await eventually(async () => {
      const { items } = await namespace.api.list<Pod>("pods", { signal });
      deepStrictEqual(items.map(({ status }) => status?.phase), ["Failed", "Failed"]);
    }, { timeout: SECONDS });
    const backend = kubernetes({ namespace: namespace.name });
    const { found } = await backend.sweep({ dryRun: true });
    deepStrictEqual(found.map(({ kind, outcome }) => [kind, outcome]), [
      ["pod", "would be removed"],
      ["pod", "would be removed"],
    ]);
    await backend.sweep();
    deepStrictEqual(await namespace.leftOvers(), []);
  },
});

Deno.test({ name: "a sweep leaves alone what a living runner has", ignore }, async () => {
  await using namespace = await TestNamespace.make();
  await using runner = new RunnerProcess(planIn(namespace, { nodes: 1 }));
  await runner.cluster();
  await runner.outputs();
  const { found } = await kubernetes({ namespace: namespace.name }).sweep();
  deepStrictEqual(found, []);
  strictEqual((await namespace.leftOvers()).length, 1);
  strictEqual(await runner.end(), true);
  deepStrictEqual(await namespace.leftOvers(), []);
});
