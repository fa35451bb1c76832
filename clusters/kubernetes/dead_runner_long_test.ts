/**
 * What becomes of pods whose runner has died, on a real cluster.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { eventually } from "../../mod.ts";
import { RunnerProcess } from "../testing/runner_process.ts";
import { kubernetes } from "./backend.ts";
import type { KubeApi } from "./api/mod.ts";
import { readLabels } from "./labels.ts";
import { openRenewal, type RenewedOwner } from "./owner_renewal.ts";
import type { LabelledObject, Pod } from "./pod.ts";
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
  name: "pods end within the lease when runner and guardian are killed, and a sweep removes all",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    await using runner = new RunnerProcess(planIn(namespace, { lease: 12_000 }));
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
      ["secret", "would be removed"],
      ["job", "would be removed"],
    ]);
    await backend.sweep();
    deepStrictEqual(await namespace.leftOvers(), []);
  },
});

Deno.test({
  name: "the cluster itself removes everything when runner, guardian and agents are dead",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    const { api } = namespace;
    await using runner = new RunnerProcess(planIn(namespace, { nodes: 1, lease: 12_000 }));
    await runner.cluster();
    await runner.outputs();
    await runner.killWithGuardian();
    const [owner] = (await api.list<LabelledObject>("jobs", { signal })).items;
    const [pod] = (await api.list<LabelledObject>("pods", { signal })).items;
    strictEqual(pod!.metadata.ownerReferences?.[0]?.uid, owner!.metadata.uid);
    // What goes with it may have been left by a launch that was broken off.
    const metadata = { name: "left", ownerReferences: pod!.metadata.ownerReferences };
    await api.create("secrets", { metadata }, { signal });
    await endLease(api, owner!);
    await eventually(async () => {
      deepStrictEqual(await namespace.leftOvers(), []);
      strictEqual(await api.get("secrets", "left", { signal }), undefined);
      deepStrictEqual(await schedulesIn(api), []);
      deepStrictEqual((await api.list("services", { signal })).items, []);
    }, { timeout: SECONDS });
  },
});

/** Has the time be over that nobody puts off any more: as a renewal does it, with less. */
async function endLease(api: KubeApi, owner: LabelledObject): Promise<void> {
  const { name, labels, ownerReferences } = owner.metadata;
  const { run, owner: process } = readLabels(labels!)!;
  const renewed: RenewedOwner = {
    access: api.access,
    ownership: { run: { id: run!, owner: process! }, clusterId: labels!["clustertest.cluster"]! },
    name,
    isScheduled: ownerReferences !== undefined,
    begun: Date.now(),
    lease: 1000,
  };
  using renewal = await openRenewal(renewed);
  await renewal.renew(signal);
}

/** Names of what removes owners on servers that do not; newer ones have no such kind. */
async function schedulesIn(api: KubeApi): Promise<string[]> {
  const { major, minor } = await api.version({ signal });
  if (major > 1 || minor > 24) return [];
  const { items } = await api.list<LabelledObject>("cronjobs", { signal });
  return items.map(({ metadata }) => metadata.name);
}

Deno.test({ name: "a sweep leaves alone what a living runner has", ignore }, async () => {
  await using namespace = await TestNamespace.make();
  await using runner = new RunnerProcess(planIn(namespace, { nodes: 1 }));
  await runner.cluster();
  await runner.outputs();
  const { found } = await kubernetes({ namespace: namespace.name }).sweep();
  deepStrictEqual(found, []);
  const all = await namespace.leftOvers();
  deepStrictEqual(all.map((each) => each.split("/")[0]), ["pods", "secrets", "jobs"]);
  strictEqual(await runner.end(), true);
  deepStrictEqual(await namespace.leftOvers(), []);
});
