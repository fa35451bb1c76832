import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { podManifest, type PodPlan, startingWithHelper } from "./pod_manifest.ts";
import { hasSidecar, ownsNetwork, withoutSidecar } from "./sidecar_container.ts";

const plan: PodPlan = {
  node: "Node1",
  podName: "clustertest-0a-node1",
  secret: { name: "clustertest-0a-secret", nodeKey: "1.launch.json", sidecarKey: "1.sidecar.json" },
  options: { image: "debian:13", helperImage: "busybox" },
  labels: { clustertest: "node" },
  pack: { command: (dir) => [`${dir}/deno`, "run"], env: { NO_COLOR: "1" }, version: "abc" },
  agentArgs: ["--lease", "60"],
  supply: { by: "runner", isSeed: false },
  hasSidecar: false,
  maxLife: 90_500,
  domain: undefined,
  startTimeout: 120_000,
  ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: "owner", uid: "1" }],
};

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly lifecycle?: { readonly postStart?: unknown };
  readonly env: readonly { readonly name: string; readonly value?: string }[];
  readonly resources: Record<string, unknown>;
  readonly securityContext: Record<string, unknown>;
  readonly volumeMounts: readonly Record<string, unknown>[];
}

interface Spec extends Record<string, unknown> {
  readonly initContainers: readonly Container[];
  readonly containers: readonly [Container, ...Container[]];
  readonly volumes: readonly Record<string, unknown>[];
}

function specOf(change: Partial<PodPlan> = {}): Spec {
  return podManifest({ ...plan, ...change }).spec as Spec;
}

/** The one that brings the agent. */
function helperOf({ containers }: Spec): Container {
  return containers.find(({ name }) => name === "clustertest-agent")!;
}

Deno.test("podManifest() runs the agent, once, and bounds its life", () => {
  const { containers: [node], ...spec } = specOf();
  strictEqual(node.image, "debian:13");
  deepStrictEqual(node.command.slice(0, 4), [
    "/clustertest/agent/deno",
    "run",
    "--listen",
    "0.0.0.0:26761",
  ]);
  deepStrictEqual(node.command.slice(-2), ["--lease", "60"]);
  strictEqual(spec.restartPolicy, "Never");
  strictEqual(spec.activeDeadlineSeconds, 91);
  strictEqual(spec.automountServiceAccountToken, false);
});

Deno.test("podManifest() has helpers that a restricted namespace admits", () => {
  const helper = helperOf(specOf());
  deepStrictEqual(helper.securityContext, {
    runAsUser: 65534,
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  });
});

Deno.test("podManifest() shows what the agent is launched with to the helper alone", () => {
  const spec = specOf();
  const helper = helperOf(spec);
  const { containers, volumes } = spec;
  const secret = volumes.find(({ name }) => name === "secret");
  // Of other pods it has keys as well.
  const items = [{ key: "1.launch.json", path: "launch.json" }];
  deepStrictEqual(secret, {
    name: "secret",
    secret: { secretName: "clustertest-0a-secret", items },
  });
  const hasSecret = ({ volumeMounts }: Container) =>
    volumeMounts.some(({ name }) => name === "secret");
  deepStrictEqual(containers.filter(hasSecret), [helper]);
});

Deno.test("podManifest() hands on the agent from the one pod that is to", () => {
  const hasArchive = (isSeed: boolean) =>
    helperOf(specOf({ supply: { by: "runner", isSeed } })).volumeMounts
      .some(({ name }) => name === "archive");
  deepStrictEqual([true, false].map(hasArchive), [true, false]);
  // It has something to hand on only if its archive was kept.
  match(
    helperOf(specOf()).command.at(-1)!,
    /^\[ ! -e .*agent\.tar \] \|\|\n {2}nc -l{128} -p 26762 /m,
  );
});

Deno.test("podManifest() has the pod go with its owner", () => {
  deepStrictEqual(podManifest(plan).metadata.ownerReferences, plan.ownerReferences);
});

Deno.test("podManifest() has the name of a node in the DNS of the cluster, where that knows it", () => {
  const domain = { subdomain: "here", search: "here.tests.svc.cluster.local" };
  const { subdomain, dnsConfig } = specOf({ domain });
  deepStrictEqual({ subdomain, dnsConfig }, {
    subdomain: "here",
    dnsConfig: { searches: ["here.tests.svc.cluster.local"] },
  });
  ok(!("dnsConfig" in specOf()));
});

Deno.test("podManifest() tells a helper where to fetch the agent, and its hash", () => {
  const { env } = helperOf(specOf({
    supply: { by: "pod", seed: "10.0.0.1 26762", sha256: "ab" },
  }));
  const values = Object.fromEntries(env.map(({ name, value }) => [name, value]));
  deepStrictEqual(values, {
    POD_IP: undefined,
    NODE_NAME: "Node1",
    START_SECONDS: "120",
    SEED: "10.0.0.1 26762",
    SHA256: "ab",
  });
});

Deno.test("podManifest() limits what was asked for, and reserves what was said", () => {
  const { containers: [node] } = specOf({
    options: { ...plan.options, cpus: 0.5, memory: "128m", requests: { cpus: 0.1 } },
  });
  deepStrictEqual(node.resources, {
    limits: { cpu: "500m", memory: "134217728" },
    requests: { cpu: "100m", memory: "134217728" },
  });
  const flags = node.env.find(({ name }) => name === "DENO_V8_FLAGS");
  strictEqual(flags?.value, "--optimize-for-size,--expose-gc");
});

Deno.test("podManifest() has the user, the volumes and the machine that were asked for", () => {
  const spec = specOf({
    options: {
      ...plan.options,
      platform: "linux/arm64",
      nodeSelector: { disk: "ssd" },
      user: "1000:50",
      readOnlyRoot: true,
      securityContext: { allowPrivilegeEscalation: false },
      volumes: { "/data": { emptyDir: {} } },
      serviceAccount: "tester",
      imagePullSecrets: ["mine"],
    },
  });
  deepStrictEqual(spec.nodeSelector, { "kubernetes.io/arch": "arm64", disk: "ssd" });
  const [node] = spec.containers;
  deepStrictEqual(node.securityContext, {
    runAsUser: 1000,
    runAsGroup: 50,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
  });
  ok(node.volumeMounts.some(({ mountPath }) => mountPath === "/data"));
  deepStrictEqual(spec.volumes.at(-1), { emptyDir: {}, name: "volume-0" });
  strictEqual(spec.serviceAccountName, "tester");
  strictEqual(spec.automountServiceAccountToken, true);
  deepStrictEqual(spec.imagePullSecrets, [{ name: "mine" }]);
});

Deno.test("podManifest() has a sidecar where it is asked for, which may change the network alone", () => {
  const options = { ...plan.options, memory: "128m" as const, cpus: 4, user: "1000" };
  const { containers, volumes } = specOf({ options, hasSidecar: true });
  deepStrictEqual(containers.map(({ name }) => name), [
    "node",
    "clustertest-faults",
    "clustertest-agent",
  ]);
  const sidecar = containers[1]!;
  deepStrictEqual(sidecar.securityContext, {
    runAsUser: 0,
    runAsNonRoot: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] },
    seccompProfile: { type: "RuntimeDefault" },
  });
  strictEqual(sidecar.image, "busybox");
  ok(sidecar.args.join(" ").includes("--listen 127.0.0.1:26763 --launch -"));
  deepStrictEqual(sidecar.args.slice(-2), ["--lease", "60"]);
  const mounted = sidecar.volumeMounts.map(({ name }) => name);
  deepStrictEqual(mounted, ["agent", "sidecar-secret", "sidecar-node"]);
  deepStrictEqual(volumes.find(({ name }) => name === "sidecar-secret"), {
    name: "sidecar-secret",
    secret: {
      secretName: "clustertest-0a-secret",
      items: [{ key: "1.sidecar.json", path: "sidecar.json" }],
    },
  });
  const [node] = containers;
  ok(node.volumeMounts.every(({ name }) => !String(name).startsWith("sidecar")));
  deepStrictEqual(node.securityContext, { runAsUser: 1000 });
});

Deno.test("startingWithHelper() has the helper start before all else, which waits for it", () => {
  const pod = podManifest({ ...plan, hasSidecar: true });
  const { containers } = startingWithHelper(pod).spec as Spec;
  deepStrictEqual(containers.map(({ name }) => name), [
    "clustertest-agent",
    "node",
    "clustertest-faults",
  ]);
  deepStrictEqual(new Set(containers), new Set(pod.spec.containers as Container[]));
  ok(helperOf(pod.spec as Spec).lifecycle?.postStart);
  deepStrictEqual(podManifest(plan).metadata.annotations, {
    "kubectl.kubernetes.io/default-container": "node",
  });
});

Deno.test("withoutSidecar() leaves what else a pod has", () => {
  const pod = podManifest({ ...plan, hasSidecar: true });
  const shared = { ...pod, spec: { ...pod.spec, hostNetwork: true } };
  deepStrictEqual([hasSidecar(pod), ownsNetwork(pod), ownsNetwork(shared)], [true, true, false]);
  const { spec } = withoutSidecar(shared);
  const names = (spec as unknown as Spec).containers.map(({ name }) => name);
  deepStrictEqual(names, ["node", "clustertest-agent"]);
  deepStrictEqual({ ...spec, containers: pod.spec.containers }, shared.spec);
});
