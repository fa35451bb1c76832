/**
 * The role that users are told to have: tests run with exactly that, and make no call less.
 *
 * @module
 */
import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import type { ModuleRenewal } from "../../agent/client/fleet.ts";
import { KubeApi, type KubeObject } from "./api/mod.ts";
import { kubernetes } from "./backend.ts";
import { ClusterOwner } from "./cluster_owner.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { ownedLabels } from "./labels.ts";
import { openRenewal } from "./owner_renewal.ts";
import { policyManifests } from "./policy/manifests.ts";
import { POLICY_RULES } from "./policy/rules.ts";
import { CallJournal } from "./testing/call_journal.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { TestNamespace } from "./testing/namespace.ts";
import { TestKubeconfig } from "./testing/test_kubeconfig.ts";

const ignore = !await haveCluster();

const never = (): AbortSignal => new AbortController().signal;

/** What servers since version 1.35 want for WebSockets, besides what all want. */
const NEWER = ["create pods/exec", "create pods/portforward"];

/** What only servers before version 1.21 are asked for. */
const OLDER = ["create batch/cronjobs", "delete batch/cronjobs", "patch batch/cronjobs"];

/** What the rules allow, as a journal says it. */
function allowed(): string[] {
  return POLICY_RULES.flatMap(({ apiGroups: [group], resources, verbs }) =>
    resources.flatMap((resource) =>
      verbs.map((verb) => `${verb} ${group === "" ? "" : `${group}/`}${resource}`)
    )
  );
}

/** Gives an account of a namespace the role, and nothing else. */
async function giveRole({ api, name: namespace }: TestNamespace, account: string): Promise<void> {
  const subject = { kind: "ServiceAccount", name: account } as const;
  const [role, binding] = policyManifests({ namespace, name: "clustertest", subject });
  await api.create("roles", role, { signal: never() });
  await api.create("rolebindings", binding, { signal: never() });
}

Deno.test({
  name: "all that the backend does is allowed by the role that is printed, which allows no more",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    await using stack = new AsyncDisposableStack();
    await giveRole(namespace, "tests");
    const journal = stack.use(await CallJournal.open());
    const kubeconfig = stack.use(
      await TestKubeconfig.write({
        user: `system:serviceaccount:${namespace.name}:tests`,
        server: journal.server,
        namespace: namespace.name,
      }),
    );
    const backend = kubernetes({
      image: testImages.glibc,
      kubeconfig: kubeconfig.path,
      reachedBy: "forward",
    });
    await useCluster(backend, namespace.api);
    await sweepLeftOvers(backend, namespace.api);
    await renewOwner(kubeconfig.path);
    const calls = new Set([...journal.calls, ...NEWER, ...await isOld(namespace.api) ? [] : OLDER]);
    deepStrictEqual([...calls].sort(), allowed().sort());
  },
});

/** Whether the tests' cluster is one of those; what it is asked for is then compared as well. */
async function isOld(api: KubeApi): Promise<boolean> {
  const { major, minor } = await api.version({ signal: never() });
  return major === 1 && minor < 21;
}

/** Does what a test does, what fails, and what is found to be left when a launch was broken off. */
async function useCluster(backend: ReturnType<typeof kubernetes>, api: KubeApi): Promise<void> {
  // Faults take no more than that.
  await using cluster = await Cluster.create(backend, { needs: ["partition"] });
  const [one, two] = await cluster.addNodes(2);
  strictEqual((await one.run("echo", ["hello"])).stdout, "hello\n");
  await (await cluster.faults.partition([one, two])).heal();
  await rejects(cluster.addNode({ image: "no-such-image", pull: "never" }), /no-such-image/);
  await one.destroy();
  const [left] = (await api.list<KubeObject>("pods", { signal: never() })).items;
  await createSecret(api, left!.metadata.labels);
}

/** What a run that is dead has left is found, and removed. */
async function sweepLeftOvers(
  backend: ReturnType<typeof kubernetes>,
  api: KubeApi,
): Promise<void> {
  const signal = never();
  const owner = { ...currentProcess(), start: "1" };
  const labels = ownedLabels("node", { run: { id: "dead", owner }, clusterId: "dead" }, 60_000);
  await createSecret(api, labels);
  const containers = [{ name: "main", image: "none" }];
  const spec = {
    containers,
    nodeSelector: { "no-such": "machine" },
    terminationGracePeriodSeconds: 0,
  };
  await api.create("pods", { metadata: { name: "left", labels }, spec }, { signal });
  const template = { spec: { containers, restartPolicy: "Never" } };
  const job = { metadata: { name: "left", labels }, spec: { completions: 0, template } };
  await api.create("jobs", job, { signal });
  const { found } = await backend.sweep();
  deepStrictEqual(found.map(({ outcome }) => outcome), ["removed", "removed", "removed"]);
}

/** What the thread that keeps leases does once in some minutes. */
async function renewOwner(kubeconfig: string): Promise<void> {
  using api = await KubeApi.open({ kubeconfig }, { signal: never() });
  const renewals: ModuleRenewal[] = [];
  const fleet = {
    renew: (renewal: ModuleRenewal) => {
      renewals.push(renewal);
      return { [Symbol.dispose]() {} };
    },
  };
  const run = { id: "renewed", owner: currentProcess() };
  const emit = () => {};
  const more = { lease: 1000, helperImage: testImages.busybox };
  const owner = new ClusterOwner(api, { run, clusterId: "renewed", fleet, emit, ...more });
  strictEqual((await owner.references()).length, 1);
  using renewal = await openRenewal(renewals[0]!.target);
  await renewal.renew(never());
  await owner.remove();
}

async function createSecret(api: KubeApi, labels: KubeObject["metadata"]["labels"]): Promise<void> {
  await api.create("secrets", { metadata: { name: "left", labels } }, { signal: never() });
}
