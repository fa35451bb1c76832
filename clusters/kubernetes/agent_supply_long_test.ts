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
import { HELPER_CONTAINER } from "./pod_places.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { TestNamespace } from "./testing/namespace.ts";

const ignore = !await haveCluster();

/** What is looked at, and changed, of a container. */
interface Container {
  readonly name: string;
  readonly command: string[];
  readonly env: { readonly name: string; value?: string }[];
}

/** The container that brings the agent. */
function helperOf({ spec }: PodManifest): Container {
  const containers = spec.containers as readonly Container[];
  return containers.find(({ name }) => name === HELPER_CONTAINER)!;
}

/** Where its helper gets the agent: from another pod, or `undefined` for the runner. */
function seedOf(pod: PodManifest): { value?: string } | undefined {
  return helperOf(pod).env.find(({ name }) => name === "SEED");
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

/** Kills the shell that takes the agent, and neither this one nor what the machine waits for. */
const KILL = `for each in $(grep -l 'echo > .*[.]gate' /proc/[0-9]*/cmdline | cut -d / -f 3); do
  [ $each = 1 ] || kill -9 $each
done`;

/** Kills it when all is there, before it opens the gate: there is none yet. */
const KILL_BEFORE_GATE =
  `until arrival=$(ls -d /clustertest/agent/.arrival.*) && [ -e $arrival/manifest.json ]; do :; done
${KILL}`;

const PIPES = "mkfifo /clustertest/launch/.ready /clustertest/launch/.gate";

/** Lets it get no further than to what opens the gate, and kills it there. */
const KILL_AT_GATE = `${PIPES}
cd /clustertest/launch
exec 3<> .gate
head -c 65536 /dev/zero >&3
until ls -l /proc/[0-9]*/fd 2> /dev/null | grep '1 -> .*[.]gate'; do :; done
arrival=$(ls -d /clustertest/agent/.arrival.*)
${KILL}
exec 3<&-`;

/** Has the helper do something else before it waits until the gate opens. */
function helperDoes(script: string) {
  return (pod: PodManifest): void => {
    const { command } = helperOf(pod);
    const text = command.at(-1)!;
    const [begin, rest] = text.split("mkfifo", 2);
    const wait = rest!.slice(rest!.indexOf("\n"));
    ok(wait.includes("read -r"), text);
    command.splice(-1, 1, begin + script + wait.replace(/\nread -r .*/, ""));
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
      launch(`${KILL_BEFORE_GATE}\n${PIPES}`),
      launch(`${KILL_BEFORE_GATE}\nexit 7`),
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
      initContainers[0]!.command.splice(-1, 1, "0".repeat(64));
    };
    await rejects(
      made.addNode({ customize } as KubernetesNodeOptions),
      /its container "clustertest-copy" ended with exit code 1.*deno task agent --image/s,
    );
  },
});
