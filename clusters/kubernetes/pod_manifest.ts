import { frugalEnvironment } from "../../agent/build/agent_environment.ts";
import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { isLittleMemory } from "../kit/mod.ts";
import { AWAIT_SCRIPT, FETCH_SCRIPT, HOLD_SCRIPT, PREPARE_SCRIPT } from "./helper_scripts.ts";
import type { PodOptions } from "./kubernetes_options.ts";
import type { PodSecret } from "./launch_secrets.ts";
import { mount, resources, secretVolume, startLimit, variables } from "./container_parts.ts";
import { userNumbers } from "./merge_options.ts";
import type { PodDomain } from "./pod_domain.ts";
import type { OwnerReference, PodManifest } from "./pod.ts";
import {
  AGENT_DIR,
  AGENT_PORT,
  ARCHIVE_DIR,
  COPY_CONTAINER,
  COPY_DIR,
  HELPER_CONTAINER,
  HOSTS_FILE,
  LAUNCH_DIR,
  LAUNCH_FILE,
  NODE_CONTAINER,
  NODE_DIR,
  OPEN_DIR,
  ROOT_DIR,
  SECRET_DIR,
} from "./pod_places.ts";
import { sidecarContainer, sidecarVolumes } from "./sidecar_container.ts";

/** How the agent gets into a pod. */
export type Supply =
  /** The runner sends it; `isSeed`: the pod hands it on then. */
  | { readonly by: "runner"; readonly isSeed: boolean }
  /** An image has it. */
  | { readonly by: "image"; readonly image: string }
  /** The pod fetches it from one that hands it on, at `seed`: an address and a port. */
  | { readonly by: "pod"; readonly seed: string; readonly sha256: string };

/** What a pod is made from. */
export interface PodPlan {
  /** The node's name: the pod's host name, and what other nodes call it. */
  readonly node: string;
  readonly podName: string;
  /** Where what its agents are launched with is. */
  readonly secret: PodSecret;
  readonly options: PodOptions;
  readonly labels: Readonly<Record<string, string>>;
  readonly pack: Pick<AgentPack, "command" | "env" | "version">;
  /** Arguments of the agent that say how long it lives. */
  readonly agentArgs: readonly string[];
  readonly supply: Supply;
  /** Whether an agent is beside it that changes its network. */
  readonly hasSidecar: boolean;
  /** Milliseconds after which the cluster ends the pod by itself. */
  readonly maxLife: number;
  /** Milliseconds in which the node has to be there. */
  readonly startTimeout: number;
  /** What the pod goes with. */
  readonly ownerReferences: readonly OwnerReference[];
  /** Where DNS has its name, if it does. */
  readonly domain: PodDomain | undefined;
}

/** What every helper may: nothing but to write into the pod's own volumes. */
export const UNPRIVILEGED = {
  runAsUser: 65534,
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
} as const;

/** Names the container that `kubectl exec` and `kubectl logs` mean, since the helper is the first one. */
const DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

const PULL_POLICIES = { missing: "IfNotPresent", always: "Always", never: "Never" } as const;

const ARCHITECTURES = { "linux/amd64": "amd64", "linux/arm64": "arm64" } as const;

/** The pod of a node, before the author's hook has seen it. */
export function podManifest(plan: PodPlan): PodManifest {
  const { options, podName, labels, ownerReferences } = plan;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: podName,
      labels: { ...options.labels, ...labels },
      ownerReferences,
      annotations: { [DEFAULT_CONTAINER]: NODE_CONTAINER, ...options.annotations },
    },
    spec: podSpec(plan),
  };
}

function podSpec(plan: PodPlan): Record<string, unknown> {
  const { options, node, maxLife, domain } = plan;
  const { platform = "linux/amd64", serviceAccount, imagePullSecrets = [] } = options;
  return {
    hostname: node,
    ...domain && { subdomain: domain.subdomain, dnsConfig: { searches: [domain.search] } },
    restartPolicy: "Never",
    // What has no children that matter needs no time to end.
    terminationGracePeriodSeconds: 1,
    activeDeadlineSeconds: Math.ceil(maxLife / 1000),
    // Variables for each service of the namespace are none of a test's business.
    enableServiceLinks: false,
    automountServiceAccountToken: serviceAccount !== undefined,
    ...serviceAccount !== undefined && { serviceAccountName: serviceAccount },
    imagePullSecrets: imagePullSecrets.map((name) => ({ name })),
    nodeSelector: { "kubernetes.io/arch": ARCHITECTURES[platform], ...options.nodeSelector },
    ...options.tolerations && { tolerations: options.tolerations },
    initContainers: copier(plan),
    containers: [
      nodeContainer(plan),
      ...plan.hasSidecar ? [sidecarContainer(plan)] : [],
      helper(plan),
    ],
    volumes: volumes(plan),
  };
}

function isSeed({ supply }: PodPlan): boolean {
  return supply.by === "runner" && supply.isSeed;
}

/**
 * A pod with its helper first: a machine starts containers one after the other, in the order of the pod, and
 * waits for what one does after its start. Authors' hooks may expect that of the node to be the first one.
 */
export function startingWithHelper(pod: PodManifest): PodManifest {
  const containers = pod.spec.containers as readonly { readonly name: string }[];
  const isHelper = ({ name }: { readonly name: string }) => name === HELPER_CONTAINER;
  const inOrder = [
    ...containers.filter(isHelper),
    ...containers.filter((each) => !isHelper(each)),
  ];
  return { ...pod, spec: { ...pod.spec, containers: inOrder } };
}

const SCRIPTS = { runner: AWAIT_SCRIPT, pod: FETCH_SCRIPT, image: PREPARE_SCRIPT } as const;

function helper(plan: PodPlan): Record<string, unknown> {
  const { node, supply } = plan;
  const script = SCRIPTS[supply.by];
  const source: Record<string, string> = supply.by === "pod"
    ? { SEED: supply.seed, SHA256: supply.sha256 }
    : {};
  return {
    ...helperContainer(plan, HELPER_CONTAINER),
    command: ["sh", "-c", script],
    lifecycle: { postStart: { exec: { command: ["sh", "-c", HOLD_SCRIPT] } } },
    env: [POD_IP, ...variables({ NODE_NAME: node, ...startLimit(plan), ...source })],
    volumeMounts: [
      mount("agent", AGENT_DIR),
      mount("launch", LAUNCH_DIR),
      mount("secret", SECRET_DIR, { readOnly: true }),
      ...isSeed(plan) ? [mount("archive", ARCHIVE_DIR)] : [],
    ],
  };
}

/** The agent copies itself: its image has nothing else that could. */
function copier(plan: PodPlan): Record<string, unknown>[] {
  const { supply, pack } = plan;
  if (supply.by !== "image") return [];
  return [{
    ...helperContainer(plan, COPY_CONTAINER),
    image: supply.image,
    command: [
      ...pack.command(AGENT_DIR),
      ...["--copy-from", AGENT_DIR, "--copy-to", COPY_DIR, "--copy-version", pack.version],
    ],
    args: [],
    env: variables(pack.env),
    volumeMounts: [mount("agent", COPY_DIR)],
  }];
}

/** Small, since it is counted in addition to what the node asks for. */
function helperContainer({ options }: PodPlan, name: string): Record<string, unknown> {
  const { helperImage, cpus, memory } = options;
  return {
    name,
    image: helperImage,
    imagePullPolicy: "IfNotPresent",
    securityContext: UNPRIVILEGED,
    // Quotas of a namespace may want limits of every container as soon as they want some of one.
    resources: resources({
      ...cpus !== undefined && { cpus: Math.min(cpus, 1) },
      ...memory !== undefined && { memory: "64m" },
      requests: { cpus: 0.001, memory: "1m" },
    }),
  };
}

function nodeContainer(plan: PodPlan): Record<string, unknown> {
  const { options, pack, agentArgs } = plan;
  return {
    name: NODE_CONTAINER,
    image: options.image,
    imagePullPolicy: PULL_POLICIES[options.pull ?? "missing"],
    command: [
      ...pack.command(AGENT_DIR),
      ...[
        "--listen",
        `0.0.0.0:${AGENT_PORT}`,
        "--launch",
        `${LAUNCH_DIR}/${OPEN_DIR}/${LAUNCH_FILE}`,
      ],
      ...["--root", ROOT_DIR, ...agentArgs],
    ],
    args: [],
    workingDir: "/",
    env: [ADDRESS, ...variables(agentEnv(plan))],
    securityContext: securityContext(options),
    resources: resources(options),
    volumeMounts: [
      mount("agent", AGENT_DIR, { readOnly: true }),
      mount("launch", LAUNCH_DIR),
      // A file of ours, not the one that only root may change: names of nodes that come later are added.
      mount("launch", "/etc/hosts", { subPath: `${OPEN_DIR}/${HOSTS_FILE}` }),
      mount("node", NODE_DIR),
      ...Object.keys(options.volumes ?? {}).map((path, i) => mount(`volume-${i}`, path)),
    ],
  };
}

function agentEnv({ pack, options }: PodPlan): Record<string, string> {
  return { ...pack.env, ...isLittleMemory(options.memory) ? frugalEnvironment : {} };
}

function securityContext(options: PodOptions): Record<string, unknown> {
  const { uid, gid } = options.user === undefined ? {} : userNumbers(options.user);
  return {
    ...uid !== undefined && { runAsUser: uid },
    ...gid !== undefined && { runAsGroup: gid },
    ...options.readOnlyRoot && { readOnlyRootFilesystem: true },
    ...options.securityContext,
  };
}

function volumes({ options, secret, supply, hasSidecar }: PodPlan): unknown[] {
  return [
    { name: "agent", emptyDir: {} },
    { name: "launch", emptyDir: { medium: "Memory" } },
    { name: "node", emptyDir: {} },
    secretVolume("secret", { name: secret.name, key: secret.nodeKey, path: LAUNCH_FILE }),
    ...supply.by === "runner" && supply.isSeed ? [{ name: "archive", emptyDir: {} }] : [],
    ...hasSidecar ? sidecarVolumes(secret) : [],
    ...Object.values(options.volumes ?? {}).map((volume, i) => ({
      ...volume,
      name: `volume-${i}`,
    })),
  ];
}

const FROM_POD_IP = { fieldRef: { fieldPath: "status.podIP" } };

const POD_IP = { name: "POD_IP", valueFrom: FROM_POD_IP };

/** Where other nodes reach this one; what the agent starts sees it as well. */
const ADDRESS = { name: "CLUSTERTEST_ADDRESS", valueFrom: FROM_POD_IP };
