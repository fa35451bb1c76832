import type { AgentPack } from "../../agent/build/agent_pack.ts";
import {
  AGENT_DIR,
  agentMounts,
  agentProgram,
  LOG_CONFIG,
  NODE_DIR,
  ROOT_DIR,
  SOCKETS_DIR,
} from "./agent_container.ts";
import { BRIDGE } from "./control_network.ts";
import { memoryBytes } from "../kit/mod.ts";
import type { ContainerOptions, CreateRequest, PublishedPort } from "./docker_options.ts";

/** The port at which an agent listens in its container: below those that connections are given. */
export const CONTAINER_AGENT_PORT = 26761;

/** What a request for a container is made from. */
export interface ContainerPlan {
  /** The node's name: the container's host name, and what other nodes call it. */
  readonly node: string;
  readonly options: ContainerOptions;
  /** The image, by its id. */
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly rootLabels: Readonly<Record<string, string>>;
  readonly pack: Pick<AgentPack, "command">;
  /** Of the container, as engines take it. */
  readonly env: readonly string[];
  readonly agentVolume: string;
  /** Arguments of the agent, but for where it listens and its root. */
  readonly agentArgs: readonly string[];
  /** The network that the container starts with: `"bridge"`, `"host"`, or one by name. */
  readonly network: string;
  /** Whether nodes call each other by their names in that network, rather than in another one. */
  readonly hasNames: boolean;
  /** Address of the engine's machine at which ports are published. */
  readonly publishAt: string;
  /** Whether the agent's port is among them. */
  readonly publishesAgent: boolean;
  /** Folder of the engine's machine with the sockets at which the agent calls; without, it listens. */
  readonly sockets?: string | undefined;
}

/** The body of the request that creates a container, before the author's hook has seen it. */
export function createRequest(plan: ContainerPlan): CreateRequest {
  const { options, pack, env, node, network, hasNames } = plan;
  const isHost = network === "host";
  return {
    Image: plan.imageId,
    Hostname: isHost ? undefined : node,
    User: options.user,
    Env: env,
    Labels: { ...options.labels, ...plan.labels },
    ...agentProgram([...pack.command(AGENT_DIR), ...agentArgs(plan)]),
    ExposedPorts: Object.fromEntries(bindings(plan).map(([port]) => [port, {}])),
    HostConfig: hostConfig(plan),
    NetworkingConfig: {
      EndpointsConfig: isNamed(network) ? { [network]: { Aliases: hasNames ? [node] : [] } } : {},
    },
  };
}

/** Whether a network has a name: only there nodes find each other by name. */
export function isNamed(network: string): boolean {
  return network !== BRIDGE && network !== "host";
}

function agentArgs({ agentArgs, network, publishAt, sockets }: ContainerPlan): string[] {
  const listen = network === "host" ? `${publishAt}:0` : `0.0.0.0:${CONTAINER_AGENT_PORT}`;
  const way = sockets === undefined ? ["--listen", listen] : ["--connect", SOCKETS_DIR];
  return [...way, "--root", ROOT_DIR, ...agentArgs];
}

function hostConfig(plan: ContainerPlan): Record<string, unknown> {
  const { options } = plan;
  return {
    AutoRemove: true,
    Init: options.init ?? true,
    NetworkMode: plan.network,
    PortBindings: plan.network === "host" ? {} : Object.fromEntries(bindings(plan)),
    Mounts: mounts(plan),
    Tmpfs: options.tmpfs,
    ReadonlyRootfs: options.readOnlyRoot ?? false,
    NanoCpus: options.cpus === undefined ? undefined : Math.round(options.cpus * 1e9),
    Memory: options.memory === undefined ? undefined : memoryBytes(options.memory),
    // Without swap a limit is a limit.
    MemorySwap: options.memory === undefined ? undefined : memoryBytes(options.memory),
    CapAdd: options.capabilities?.add,
    CapDrop: options.capabilities?.drop,
    Sysctls: options.sysctls,
    LogConfig: LOG_CONFIG,
  };
}

function mounts({ agentVolume, rootLabels, sockets, options }: ContainerPlan): unknown[] {
  const asked = Object.entries(options.volumes ?? {}).map(([Target, { source, readOnly }]) => ({
    Type: source?.startsWith("/") ? "bind" : "volume",
    Source: source,
    Target,
    ReadOnly: readOnly ?? false,
    // A volume without a name goes with its container.
    VolumeOptions: source === undefined ? { Labels: rootLabels } : undefined,
  }));
  return [
    ...agentMounts(agentVolume, sockets),
    { Type: "volume", Target: NODE_DIR, VolumeOptions: { Labels: rootLabels } },
    ...asked,
  ];
}

type Binding = { readonly HostIp: string; readonly HostPort: string };

function bindings(plan: ContainerPlan): [string, Binding[]][] {
  const { options, publishAt, publishesAgent } = plan;
  const own = publishesAgent ? [{ port: CONTAINER_AGENT_PORT }] : [];
  const all: readonly PublishedPort[] = [...own, ...(options.ports ?? [])];
  return all.map(({ port, transport = "tcp", hostPort, hostname = publishAt }) => [
    `${port}/${transport}`,
    [{ HostIp: hostname, HostPort: hostPort === undefined ? "" : String(hostPort) }],
  ]);
}
