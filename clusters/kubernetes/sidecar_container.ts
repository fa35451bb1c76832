/**
 * The container beside that of a node from which the network of the pod is changed.
 *
 * @module
 */
import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { mount, resources, secretVolume, startLimit, variables } from "./container_parts.ts";
import { SIDECAR_SCRIPT } from "./helper_scripts.ts";
import type { PodOptions } from "./kubernetes_options.ts";
import type { PodSecret } from "./launch_secrets.ts";
import type { PodManifest } from "./pod.ts";
import {
  AGENT_DIR,
  NODE_DIR,
  ROOT_DIR,
  SECRET_DIR,
  SIDECAR_CONTAINER,
  SIDECAR_FILE,
  SIDECAR_PORT,
} from "./pod_places.ts";

/** What a sidecar is made from. */
export interface SidecarPlan {
  readonly options: PodOptions;
  readonly pack: Pick<AgentPack, "command" | "env">;
  /** Arguments of the agent that say how long it lives. */
  readonly agentArgs: readonly string[];
  /** Milliseconds in which the node has to be there. */
  readonly startTimeout: number;
}

/** Root in the network of the pod, and nothing else: it writes to memory alone, and sees no file of the node. */
const NETWORK_ADMIN = {
  runAsUser: 0,
  runAsNonRoot: false,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"], add: ["NET_ADMIN"] },
  seccompProfile: { type: "RuntimeDefault" },
} as const;

/** The volumes that it has besides that of the agent. */
const VOLUMES = { secret: "sidecar-secret", node: "sidecar-node" } as const;

/** Runs the agent at the loopback of the pod, where nothing but the pod itself reaches it. */
export function sidecarContainer(
  { options, pack, agentArgs, startTimeout }: SidecarPlan,
): Record<string, unknown> {
  const { helperImage, cpus, memory } = options;
  return {
    name: SIDECAR_CONTAINER,
    image: helperImage,
    imagePullPolicy: "IfNotPresent",
    command: ["sh", "-c", SIDECAR_SCRIPT, "sh"],
    args: [
      ...pack.command(AGENT_DIR),
      ...["--listen", `127.0.0.1:${SIDECAR_PORT}`, "--launch", "-", "--root", ROOT_DIR],
      ...agentArgs,
    ],
    workingDir: "/",
    env: variables({ ...pack.env, ...startLimit({ startTimeout }) }),
    securityContext: NETWORK_ADMIN,
    // Quotas of a namespace may want limits of every container as soon as they want some of one.
    resources: resources({
      ...cpus !== undefined && { cpus: 1 },
      ...memory !== undefined && { memory: "256m" },
      requests: { cpus: 0.01, memory: "32m" },
    }),
    volumeMounts: [
      mount("agent", AGENT_DIR, { readOnly: true }),
      mount(VOLUMES.secret, SECRET_DIR, { readOnly: true }),
      mount(VOLUMES.node, NODE_DIR),
    ],
  };
}

/** The volumes of a pod that has one. Of the Secret it sees no more than its own part. */
export function sidecarVolumes({ name, sidecarKey: key }: PodSecret): unknown[] {
  return [
    secretVolume(VOLUMES.secret, { name, key, path: SIDECAR_FILE }),
    { name: VOLUMES.node, emptyDir: { medium: "Memory", sizeLimit: "16Mi" } },
  ];
}

/** What of a pod's specification is looked at. */
interface Spec {
  readonly hostNetwork?: boolean;
  readonly containers: readonly { readonly name: string }[];
}

/** Whether a pod has a network of its own. */
export function ownsNetwork({ spec }: PodManifest): boolean {
  return (spec as unknown as Spec).hostNetwork !== true;
}

/** Whether a pod has a sidecar: an author's hook may have taken it away. */
export function hasSidecar({ spec }: PodManifest): boolean {
  return (spec as unknown as Spec).containers.some(({ name }) => name === SIDECAR_CONTAINER);
}

/** A pod in the network of its machine, without what could change that of the machine. */
export function withoutSidecar(pod: PodManifest): PodManifest {
  const { containers, ...spec } = pod.spec as unknown as Spec;
  const others = containers.filter(({ name }) => name !== SIDECAR_CONTAINER);
  return { ...pod, spec: { ...spec, containers: others } };
}
