/**
 * Why nodes cannot be launched, each provoked on a real cluster.
 *
 * @module
 */
import { deepStrictEqual, match, rejects } from "node:assert/strict";
import { eventually } from "../../mod.ts";
import { Cluster } from "../cluster/cluster.ts";
import { kubernetes } from "./backend.ts";
import type { KubernetesOptions } from "./kubernetes_options.ts";
import { haveCluster, testImages } from "./testing/cluster.ts";
import { machineIsHere } from "./testing/machine_is_here.ts";
import { TestNamespace } from "./testing/namespace.ts";
import { refusePods } from "./testing/refusing_policy.ts";
import { StrictRegistry } from "./testing/strict_registry.ts";

const ignore = !await haveCluster();
const ignoreHere = ignore || !await machineIsHere();
const { signal } = new AbortController();

const failures: { readonly what: string; readonly options: KubernetesOptions; message: RegExp }[] =
  [
    {
      what: "an image that is nowhere",
      options: { image: "registry.invalid/nothing:1" },
      message:
        /its container cannot start: .*registry\.invalid.* \((ErrImagePull|ImagePullBackOff)\)/,
    },
    {
      what: "an image that must not be pulled",
      options: { image: "clustertest-test/nothing", pull: "never" },
      message: /its container cannot start: .*nothing.* \(ErrImageNeverPull\)/,
    },
    {
      what: "what is no name of an image",
      options: { image: "UPPER CASE" },
      message: /its container cannot start: .*UPPER CASE.* \(InvalidImageName\)/,
    },
    {
      what: "a helper image that must be pulled, and is nowhere",
      options: { helperImage: "registry.invalid/helper:1" },
      message:
        /its container "clustertest-agent" cannot start: .* \((ErrImagePull|ImagePullBackOff)\)\n {2}.*"registry.invalid\/helper:1", which the option helperImage says(?![^]*container "node")/,
    },
    {
      what: "machines of which there are none",
      options: { nodeSelector: { "clustertest.example/none": "1" }, scheduleTimeout: 30_000 },
      message:
        /no machine was found for its pod within 30 s: .*0\/\d+ nodes are available: .*scheduleTimeout/,
    },
    {
      what: "more CPUs than a machine has",
      options: { cpus: 5000, scheduleTimeout: 30_000 },
      message: /no machine was found for its pod within 30 s: .*Insufficient cpu/,
    },
    {
      what: "an image that runs as root where that is refused",
      options: { securityContext: { runAsNonRoot: true } },
      message: /its container cannot start: .*run as root.* \(CreateContainerConfigError\)/,
    },
    {
      // Only an event tells it. A kubelet sends five a second: of pods that other tests have just made it
      // may have so many to send that this one comes minutes later, so CI runs this file before those.
      what: "a volume that is not there",
      options: { volumes: { "/x": { configMap: { name: "none" } } }, startTimeout: 60_000 },
      message:
        /its agent was not reached within 60 s\n(.*\n)* {2}the cluster says: .*"none" not found \(FailedMount\)/,
    },
    {
      what: "a start that takes too long, on a machine that may be busy",
      options: { startTimeout: 1 },
      message:
        /not reached within 0\.001 s\n {2}its pod asks for no CPU, .* say kubernetes\(\{ requests: \{ cpus: 0\.1 \} \}\)$/,
    },
    {
      what: "a program that is not there",
      options: {
        customize: (pod) => {
          const { containers } = pod.spec as { containers: { command: string[] }[] };
          containers[0]!.command = ["/nowhere"];
        },
      },
      message:
        /its container cannot start: .*\/nowhere.* \((ContainerCannotRun|RunContainerError|StartError)\)/,
    },
    {
      what: "a pod that makes no sense",
      options: {
        customize: (pod) => ({ ...pod, spec: { ...pod.spec, restartPolicy: "Perhaps" } }),
      },
      message: /Cannot create pod .*spec\.restartPolicy/s,
    },
  ];

Deno.test(
  { name: "nodes that cannot be launched say why, and leave nothing", ignore },
  async (t) => {
    await using namespace = await TestNamespace.make();
    const messages = await Promise.all(
      failures.map(({ options }) => failureOf(1, { ...options, namespace: namespace.name })),
    );
    for (const [i, { what, message }] of failures.entries()) {
      await t.step(what, () => match(messages[i]!, message));
    }
    deepStrictEqual(await namespace.leftOvers(), []);
  },
);

Deno.test({ name: "a quota refuses all nodes of a call, in its own words", ignore }, async () => {
  await using namespace = await TestNamespace.make();
  const { api } = namespace;
  await api.create("resourcequotas", {
    apiVersion: "v1",
    kind: "ResourceQuota",
    metadata: { name: "few" },
    spec: { hard: { pods: "1" } },
  }, { signal });
  await eventually(async () => {
    const quota = await api.get<{ status?: { hard?: unknown } }>("resourcequotas", "few", {
      signal,
    });
    if (quota?.status?.hard === undefined) throw new Error("The quota is not counted yet");
  });
  const message = await failureOf(2, { namespace: namespace.name });
  match(message, /exceeded quota: few, requested: pods=1/);
  deepStrictEqual(await namespace.leftOvers(), []);
});

Deno.test({ name: "a range of limits refuses a node, in its own words", ignore }, async () => {
  await using namespace = await TestNamespace.make();
  await namespace.api.create("limitranges", {
    apiVersion: "v1",
    kind: "LimitRange",
    metadata: { name: "small" },
    spec: { limits: [{ type: "Container", max: { memory: "100Mi" } }] },
  }, { signal });
  const message = await failureOf(1, { namespace: namespace.name, memory: "128m" });
  match(message, /maximum memory usage per Container is 100Mi/);
});

Deno.test({
  name: "a registry that wants other credentials is told those of the node, and refuses the image",
  ignore: ignoreHere,
  fn: async () => {
    await using namespace = await TestNamespace.make();
    await using registry = new StrictRegistry();
    const auths = { [registry.name]: { username: "somebody", password: "wrong" } };
    await namespace.api.create("secrets", {
      metadata: { name: "registry" },
      type: "kubernetes.io/dockerconfigjson",
      stringData: { ".dockerconfigjson": JSON.stringify({ auths }) },
    }, { signal });
    // That of the helper is the first one that is pulled.
    const helperImage = `${registry.name}/private:1`;
    const options = { namespace: namespace.name, helperImage, imagePullSecrets: ["registry"] };
    match(
      await failureOf(1, options),
      /its container "clustertest-agent" cannot start: .*(unauthorized|authentication required|no basic auth).* \((ErrImagePull|ImagePullBackOff)\)/,
    );
    deepStrictEqual([...registry.shown], ["somebody:wrong"]);
  },
});

Deno.test({
  name: "a policy refuses a node, in its own words",
  ignore: ignoreHere,
  fn: async () => {
    await using stack = new AsyncDisposableStack();
    const namespace = stack.use(await TestNamespace.make());
    const words = "only images of our own registry are allowed";
    await refusePods(namespace, { words, stack });
    // The server does not ask at once.
    await eventually(() => rejects(createProbe(namespace), new RegExp(words)), { timeout: 60_000 });
    const message = await failureOf(1, { namespace: namespace.name });
    match(
      message,
      /admission webhook "policy\.clustertest\.example" denied the request: only images/,
    );
    deepStrictEqual(await namespace.leftOvers(), []);
  },
});

/** A pod that takes no machine; it goes with the namespace, if it may be. */
async function createProbe({ api }: TestNamespace): Promise<void> {
  const containers = [{ name: "main", image: "none" }];
  const nodeSelector = { "clustertest.example/none": "1" };
  const metadata = { name: `probe-${crypto.randomUUID()}` };
  await api.create("pods", { metadata, spec: { containers, nodeSelector } }, { signal });
}

/** What is said when such nodes are added. */
async function failureOf(count: number, options: KubernetesOptions): Promise<string> {
  const backend = kubernetes({ image: testImages.busybox, ...options });
  await using cluster = await Cluster.create(backend, { progress: false });
  const { message } = await cluster.addNodes(count).then(
    () => new Error("All nodes were launched"),
    (error: Error) => error,
  );
  deepStrictEqual(cluster.nodes, []);
  return message;
}
