/**
 * What the containers of all agents have in common: those of nodes, and of sidecars.
 *
 * @module
 */
/** Where the agent's volume is mounted. */
export const AGENT_DIR = "/clustertest/agent";

/** Where the agent has its files: a volume of the node's own, or the memory of a sidecar. */
export const NODE_DIR = "/clustertest/node";

/** The folder in it that is the agent's `rootDir`. */
export const ROOT_DIR: string = `${NODE_DIR}/root`;

/** Where the folder with the sockets is mounted at which an agent calls. */
export const SOCKETS_DIR = "/clustertest/sockets";

/** Runs an agent, by this command and these arguments, in place of what the image is for. */
export function agentProgram(entrypoint: readonly string[]): Record<string, unknown> {
  return {
    Entrypoint: entrypoint,
    Cmd: [],
    WorkingDir: "/",
    // What an image says about its service is not about the agent.
    Healthcheck: { Test: ["NONE"] },
    // Its standard input hands it its secrets, and ends.
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  };
}

/** The volume with the agent, and the folder with the sockets at which it calls, if it does. */
export function agentMounts(volume: string, sockets: string | undefined): unknown[] {
  // Read-only: nothing in the container can put another socket in the place of these.
  const calls = { Type: "bind", Source: sockets, Target: SOCKETS_DIR, ReadOnly: true };
  return [
    ...sockets === undefined ? [] : [calls],
    { Type: "volume", Source: volume, Target: AGENT_DIR, ReadOnly: true },
  ];
}

/** Of the agent's own log, which is short; it is read while it comes. */
export const LOG_CONFIG = { Type: "json-file", Config: { "max-size": "1m" } } as const;
