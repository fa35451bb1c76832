/**
 * Faults of the network of pods, by a container that is in them from the beginning.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { connects, listening, mustConnect } from "../conformance/reachable_nodes.ts";
import { MissingAbilityError } from "../errors.ts";
import type { ClusterEvent } from "../events/mod.ts";
import type { AbilityName } from "../kit/mod.ts";
import { RunnerProcess } from "../testing/runner_process.ts";
import { eventually } from "../waiting/mod.ts";
import { kubernetes } from "./backend.ts";
import type { KubernetesOptions } from "./kubernetes_options.ts";
import type { Pod, PodManifest } from "./pod.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { machineIsHere } from "./testing/machine_is_here.ts";
import { TestNamespace } from "./testing/namespace.ts";
import { refusePods } from "./testing/refusing_policy.ts";
import { restricted } from "./testing/restricted.ts";

const ignore = !await haveCluster();
const { signal } = new AbortController();
const requests = { cpus: 0.1 };

/** Milliseconds in which a machine has ended what it was told to end. */
const SECONDS = 90_000;

async function make(
  { name: namespace }: TestNamespace,
  { needs, ...options }: KubernetesOptions & { readonly needs: readonly AbilityName[] },
): Promise<Cluster> {
  const backend = kubernetes({ image: testImages.busybox, namespace, requests, ...options });
  return await Cluster.create(backend, { needs, progress: false }) as unknown as Cluster;
}

Deno.test({
  name:
    "pods without privileges are parted, slowed and heard one way, and reach each other when healed",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    await using cluster = await make(namespace, {
      image: testImages.glibc,
      ...restricted,
      needs: ["partition", "shape"],
    });
    // By the API server: no fault concerns what comes to the loopback of a pod.
    await using other = await make(namespace, {
      image: testImages.hollow,
      needs: ["partition"],
      reachedBy: "forward",
    });
    await using stack = new AsyncDisposableStack();
    const [[a, b, c], [d, e]] = await Promise.all([cluster.addNodes(3), other.addNodes(2)]);
    const [port, open, there] = await Promise.all([b, b, e].map((each) => listening(each, stack)));
    const { faults } = cluster;

    const [cut, elsewhere] = await Promise.all([
      faults.partition([a, [b, c]]),
      other.faults.partition([d, e]),
    ]);
    const dropped = cut.proof!.checks.filter(({ expected }) => expected === "dropped");
    ok(dropped.length > 0 && dropped.every(({ arrived, dropped }) => arrived === 0 && dropped > 0));
    const reached = await Promise.all([connects(a, b, port!), connects(d, e, there!)]);
    deepStrictEqual(reached, [false, false]);
    await mustConnect(c, b, port!);
    await elsewhere.heal();
    await mustConnect(d, e, there!);

    const oneWay = await faults.block({ from: c, to: b }, { port });
    strictEqual(await connects(c, b, port!), false);
    await mustConnect(c, b, open!);
    const slow = await faults.shape({ from: b, to: c }, { latency: 40, loss: 0.05 });
    const quantities = slow.proof!.measurements!.map(({ quantity }) => quantity);
    deepStrictEqual(quantities, ["latency", "loss"]);
    await cut.heal();
    await mustConnect(a, b, port!);
    await a.restart();
    await faults.isolate(a);
    await a.kill();
    await oneWay.heal();
    await mustConnect(c, b, port!);
    await a.start();
    strictEqual(await connects(a, b, port!), false);
    await slow.heal();

    const full = await faults.fullDisk(a, "/dev/shm");
    const write = () => a.writeTextFile("/dev/shm/file", "hello");
    await rejects(write, /No space left/);
    await full.heal();
    await write();
    await rejects(faults.fullDisk(a, "."), /not the pod's alone.*\. Give the node .*sizeLimit/);
  },
});

Deno.test({
  name: "a fault that needs what was not said fails with what to say, and changes nothing",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    const removed = (pod: PodManifest) => {
      const { containers } = pod.spec as { containers: { name: string }[] };
      containers.splice(containers.findIndex(({ name }) => name === "clustertest-faults"), 1);
    };
    const shared = (pod: PodManifest): PodManifest => ({
      ...pod,
      spec: { ...pod.spec, hostNetwork: true },
    });
    await using plain = await make(namespace, { needs: ["kill"] });
    await using cluster = await make(namespace, { needs: ["partition"] });
    const options = [{ customize: removed }, { customize: shared }] as object[];
    const [one, [without, host]] = await Promise.all([plain.addNode(), cluster.addNodes(options)]);
    deepStrictEqual(plain.abilities, ["kill", "start", "restart", "fullDisk"]);
    deepStrictEqual(cluster.abilities, ["kill", "start", "restart", "partition", "fullDisk"]);
    const { items } = await namespace.api.list<PodManifest>("pods", { signal });
    const names = items.flatMap(({ spec }) =>
      (spec as { containers: { name: string }[] }).containers.map(({ name }) => name)
    );
    ok(!names.includes("clustertest-faults"), names.join());
    const cases = [
      [plain, one, /"node1" was made without .*\. Say needs: \["shape"\] when the cluster is made/],
      [cluster, without!, /customize has taken the container "clustertest-faults" out of its pod/],
      [cluster, host!, /the network of "node2" is not its own/],
    ] as const;
    for (const [{ faults }, node, message] of cases) {
      deepStrictEqual(node.abilities, ["kill", "start", "restart", "fullDisk"]);
      const error = await faults.shape({ from: "outside", to: node }, { latency: 9 }).then(
        () => undefined,
        (error: Error) => error,
      );
      ok(error instanceof MissingAbilityError);
      match(error.message, message);
    }
  },
});

/** What of a container is judged. */
interface Container {
  readonly name: string;
  readonly securityContext?: { readonly capabilities?: { readonly add?: readonly string[] } };
}

/** Judges a pod in the words of Kubernetes' own Pod Security, which is not in all versions. */
function asPodSecurity({ spec }: PodManifest): string | undefined {
  const violations = (spec.containers as Container[]).flatMap(({ name, securityContext }) =>
    (securityContext?.capabilities?.add ?? []).map((capability) =>
      `non-default capabilities (container "${name}" must not include "${capability}" in ` +
      "securityContext.capabilities.add)"
    )
  );
  if (violations.length === 0) return undefined;
  return `violates PodSecurity "baseline:latest": ${violations.join(", ")}`;
}

async function createProbe({ api }: TestNamespace): Promise<void> {
  const capabilities = { add: ["NET_ADMIN"] };
  const containers = [{ name: "main", image: "none", securityContext: { capabilities } }];
  const nodeSelector = { "clustertest.example/none": "1" };
  const metadata = { name: `probe-${crypto.randomUUID()}` };
  await api.create("pods", { metadata, spec: { containers, nodeSelector } }, { signal });
}

Deno.test({
  name: "a namespace that admits no such pods says so, in its own words, before a node is there",
  ignore: ignore || !await machineIsHere(),
  fn: async () => {
    await using stack = new AsyncDisposableStack();
    const namespace = stack.use(await TestNamespace.make());
    await refusePods(namespace, { words: asPodSecurity, stack });
    // The server does not ask at once; what it admits before finds no machine.
    await eventually(() => rejects(createProbe(namespace), /NET_ADMIN/), { timeout: SECONDS });
    await using cluster = await make(namespace, { needs: ["partition"] });
    const error = await cluster.addNodes(2).then(() => undefined, (error: Error) => error);
    ok(error instanceof MissingAbilityError, String(error));
    match(
      error.message,
      /the pod of node "node\d" is not admitted: .*violates PodSecurity "baseline:latest": .*\(container "clustertest-faults" must not include "NET_ADMIN" .*\. Run this test in a namespace that admits/,
    );
    strictEqual(cluster.nodes.length, 0);
    await cluster.stop();
    deepStrictEqual(await namespace.leftOvers(), []);
  },
});

Deno.test({
  name: "what is beside a pod's node ends soon after it, and a fault without it says so",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    await using cluster = await make(namespace, { needs: ["partition"] });
    const [a, b] = await cluster.addNodes(2);
    const healed: ClusterEvent[] = [];
    cluster.events.subscribe((event) => void (event.type === "fault-healed" && healed.push(event)));
    await using cut = await cluster.faults.block({ from: b, to: a });
    strictEqual(cut.isHealed, false);
    const end = { container: "clustertest-faults", command: ["kill", "1"], signal };
    await namespace.api.exec({ pod: a.id, ...end });
    await eventually(() => strictEqual(healed.length, 1));
    match(JSON.stringify(healed[0]), /The fault ended on node \\"node1\\" by itself/);
    const again =
      /sidecar of node "node1": its container "clustertest-faults" ended with exit code/;
    await rejects(cluster.faults.partition([a, b]), again);
    strictEqual((await a.run("echo", ["on"])).stdout, "on\n");

    await b.run("sh", ["-c", "kill 1"]).catch(() => {});
    await eventually(async () => {
      const pod = await namespace.api.get<Pod>("pods", b.id, { signal });
      // Told to end, and not by the end of its lease.
      strictEqual(pod?.status?.phase, "Succeeded");
    }, { timeout: SECONDS });
  },
});

Deno.test(
  { name: "a runner that is killed while its pods are parted leaves nothing", ignore },
  async () => {
    await using namespace = await TestNamespace.make();
    await using runner = new RunnerProcess({
      backend: { kubernetes: { image: testImages.busybox, namespace: namespace.name, requests } },
      nodes: 2,
      lease: 600_000,
      needs: ["partition"],
      isolated: true,
    });
    await runner.cluster();
    await runner.outputs();
    await runner.kill();
    await eventually(async () => deepStrictEqual(await namespace.leftOvers(), []), {
      timeout: SECONDS,
    });
  },
);
