import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { BRIDGE } from "./control_network.ts";
import { MAX_LIFE } from "./labels.ts";
import { memoryBytes } from "./merge_options.ts";
import type { ContainerOptions, CreateRequest, PublishedPort } from "./docker_options.ts";

/** Where the agent's volume is mounted in a node. */
export const AGENT_DIR = "/clustertest/agent";

/** Where a node's own volume is mounted. */
export const NODE_DIR = "/clustertest/node";

/** The folder in it that is the node's `rootDir`. */
export const ROOT_DIR: string = `${NODE_DIR}/root`;

/** Where the folder with the sockets is mounted at which a node's agent calls. */
export const SOCKETS_DIR = "/clustertest/sockets";

/** The port at which an agent listens in its container: below those that connections are given. */
export const AGENT_PORT = 26761;

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
    Entrypoint: [...pack.command(AGENT_DIR), ...agentArgs(plan)],
    Cmd: [],
    WorkingDir: "/",
    // What an image says about its service is not about the agent.
    Healthcheck: { Test: ["NONE"] },
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
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

/** Arguments of an agent that say how long it lives: `lease` in milliseconds. */
export function agentLife(lease: number): string[] {
  const seconds = (milliseconds: number): string => String(Math.ceil(milliseconds / 1000));
  return ["--lease", seconds(lease), "--max-life", seconds(MAX_LIFE), "--at-end", "exit"];
}

function agentArgs({ agentArgs, network, publishAt, sockets }: ContainerPlan): string[] {
  const listen = network === "host" ? `${publishAt}:0` : `0.0.0.0:${AGENT_PORT}`;
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
    // The agent's own log, which is short; it is read while it comes.
    LogConfig: { Type: "json-file", Config: { "max-size": "1m" } },
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
  // Read-only: nothing in the container can put another socket in the place of these.
  const calls = { Type: "bind", Source: sockets, Target: SOCKETS_DIR, ReadOnly: true };
  return [
    ...sockets === undefined ? [] : [calls],
    { Type: "volume", Source: agentVolume, Target: AGENT_DIR, ReadOnly: true },
    { Type: "volume", Target: NODE_DIR, VolumeOptions: { Labels: rootLabels } },
    ...asked,
  ];
}

type Binding = { readonly HostIp: string; readonly HostPort: string };

function bindings(plan: ContainerPlan): [string, Binding[]][] {
  const { options, publishAt, publishesAgent } = plan;
  const own = publishesAgent ? [{ port: AGENT_PORT }] : [];
  const all: readonly PublishedPort[] = [...own, ...(options.ports ?? [])];
  return all.map(({ port, transport = "tcp", hostPort, hostname = publishAt }) => [
    `${port}/${transport}`,
    [{ HostIp: hostname, HostPort: hostPort === undefined ? "" : String(hostPort) }],
  ]);
}
