/**
 * How the agent gets into pods, on a real cluster.
 *
 * @module
 */
import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { writeImageArchive } from "../../agent/build/image_archive.ts";
import { obtainAgent } from "../../agent/build/obtain_agent.ts";
import { Cluster } from "../cluster/cluster.ts";
import { haveEngine } from "../docker/testing/engine.ts";
import { run } from "../docker/testing/run.ts";
import type { KubeObject } from "./api/mod.ts";
import { kubernetes } from "./backend.ts";
import type { KubernetesNodeOptions, KubernetesOptions } from "./kubernetes_options.ts";
import type { PodManifest } from "./pod.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { TestNamespace } from "./testing/namespace.ts";

const ignore = !await haveCluster();

/** What is looked at, and changed, of a pod. */
interface Spec {
  readonly initContainers: { readonly env: { readonly name: string; value?: string }[] }[];
  readonly containers: { readonly name: string }[];
}

/** Where its helper gets the agent: from another pod, or `undefined` for the runner. */
function seedOf({ spec }: PodManifest): { value?: string } | undefined {
  return (spec as unknown as Spec).initContainers[0]!.env.find(({ name }) => name === "SEED");
}

async function cluster(namespace: TestNamespace, options: KubernetesOptions): Promise<Cluster> {
  const image = testImages.busybox;
  const backend = kubernetes({
    image,
    namespace: namespace.name,
    requests: { cpus: 0.1 },
    ...options,
  });
  return await Cluster.create(backend, { progress: false }) as unknown as Cluster;
}

/** A pod, with the Secrets that it mounts. */
interface MountingPod {
  readonly spec: {
    readonly volumes: readonly { readonly secret?: { readonly secretName: string } }[];
  };
}

/**
 * A kubelet writes warnings about a Secret that a pod has mounted and that is not there any more; one that
 * no pod mounts is of no use.
 */
async function expectMounted(
  { api }: TestNamespace,
  counts: { readonly pods: number; readonly secrets: number },
): Promise<void> {
  const selection = { labelSelector: "clustertest", signal: new AbortController().signal };
  const pods = (await api.list<MountingPod>("pods", selection)).items;
  const secrets = (await api.list<KubeObject>("secrets", selection)).items;
  const mounted = pods.flatMap(({ spec }) =>
    spec.volumes.flatMap(({ secret }) => secret === undefined ? [] : [secret.secretName])
  );
  deepStrictEqual(secrets.map(({ metadata }) => metadata.name), [...new Set(mounted)].sort());
  deepStrictEqual({ pods: pods.length, secrets: secrets.length }, counts);
}

Deno.test({
  name:
    "the runner sends the agent once for many nodes, and once more when who hands it on is gone",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    const sent: string[] = [];
    await using made = await cluster(namespace, {
      customize: (pod, { name }) => {
        if (seedOf(pod) === undefined) sent.push(name);
      },
    });
    const nodes = await made.addNodes(3);
    await made.addNode();
    strictEqual(sent.length, 1);
    await nodes.find(({ name }) => name === sent[0])!.destroy();
    // Nodes that are added together have one Secret.
    await expectMounted(namespace, { pods: 3, secrets: 2 });
    await made.addNode();
    await made.addNode();
    deepStrictEqual(sent.slice(1), ["node5"]);
    await Promise.all(nodes.map((node) => node.destroy()));
    await expectMounted(namespace, { pods: 3, secrets: 3 });
  },
});

Deno.test({
  name: "the runner sends the agent to all where pods do not reach each other, and says so",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    await using made = await cluster(namespace, {
      customize: (pod) => {
        const seed = seedOf(pod);
        // An address of which nobody ever hears.
        if (seed) seed.value = "192.0.2.1 26762";
      },
    });
    const warnings: string[] = [];
    made.events.subscribe((event) => {
      if (event.type === "warning") warnings.push(event.message);
    });
    const nodes = await made.addNodes(2);
    const outputs = await Promise.all(nodes.map((node) => node.run("hostname")));
    deepStrictEqual(outputs.map(({ stdout }) => stdout), ["node1\n", "node2\n"]);
    strictEqual(warnings.length, 1);
    match(warnings[0]!, /^Pods do not get the agent from each other, .* exit code 75/);
  },
});

/** Kills the shell that takes the agent once that waits for the gate, and does then as is said. */
const KILL = `until pidof sleep > /dev/null; do :; done; kill -9 -1`;

/** Lets the shell that takes the agent get no further than to what opens the gate, and kills it there. */
const KILL_AT_GATE = `cd /clustertest/agent
mkfifo .gate
exec 3<> .gate
head -c 65536 /dev/zero >&3
until ls -l /proc/[0-9]*/fd 2> /dev/null | grep '1 -> .*[.]gate'; do :; done
kill -9 -1
rm .gate`;

/** Has the helper do something else than to wait until the gate opens. */
function helperDoes(script: string) {
  return (pod: PodManifest): void => {
    const [helper] = (pod.spec as { initContainers: { command: string[] }[] }).initContainers;
    const command = helper!.command;
    const text = command.at(-1)!;
    ok(text.includes("mkfifo"), text);
    command.splice(-1, 1, text.slice(0, text.indexOf("mkfifo")) + script);
  };
}

Deno.test({
  name: "a shell that is killed when all was taken is no failure, and what killed it is said else",
  ignore,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    const launch = async (script: string) => {
      await using made = await cluster(namespace, { customize: helperDoes(script) });
      const node = await made.addNode();
      return (await node.run("hostname")).stdout;
    };
    const [atGate, before, failed] = await Promise.allSettled([
      launch(KILL_AT_GATE),
      launch(KILL),
      launch(`${KILL}; exit 7`),
    ]);
    deepStrictEqual(atGate, { status: "fulfilled", value: "node1\n" });
    deepStrictEqual(before, { status: "fulfilled", value: "node1\n" });
    match(
      String((failed as PromiseRejectedResult).reason),
      /"clustertest-agent" ended with exit code 7/,
    );
  },
});

Deno.test({
  name: "an image brings the agent, and one of another version says so",
  ignore: ignore || !await haveEngine(),
  fn: async () => {
    await using namespace = await TestNamespace.make();
    const name = `clustertest-test/agent:${crypto.randomUUID().slice(0, 8)}`;
    await using stack = new AsyncDisposableStack();
    const dir = await Deno.makeTempDir();
    stack.defer(() => Deno.remove(dir, { recursive: true }));
    const pack = await obtainAgent("x86_64-unknown-linux-gnu");
    await writeImageArchive(`${dir}/image.tar`, { packs: [pack], name });
    await run("docker", ["load", "-i", `${dir}/image.tar`]);
    stack.defer(async () => void await run("docker", ["image", "rm", "-f", name]));
    await using made = await cluster(namespace, { agentImage: name });
    const [one] = await made.addNodes(2);
    strictEqual((await one!.run("hostname")).stdout, "node1\n");
    const customize = (pod: PodManifest) => {
      const { initContainers } = pod.spec as { initContainers: { command: string[] }[] };
      initContainers[1]!.command.splice(-1, 1, "0".repeat(64));
    };
    await rejects(
      made.addNode({ customize } as KubernetesNodeOptions),
      /its container "clustertest-copy" ended with exit code 1.*deno task agent --image/s,
    );
  },
});
