import type { Node } from "../node/mod.ts";

/** What a process takes up. */
export interface AgentUsage {
  /** Bytes of memory that are in RAM. */
  readonly resident: number;
  readonly openFiles: number;
  readonly threads: number;
}

/**
 * What a node's agent takes up, as it sees itself: no program of the node is needed for it. Resolves
 * to `undefined` where it cannot be measured, and where the runner does an agent's work.
 */
export async function agentUsage(node: Node): Promise<AgentUsage | undefined> {
  if (node.build.os !== "linux" || await isRunner(node)) return undefined;
  const status = await node.readTextFile("/proc/self/status");
  const numberOf = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  const openFiles = await Array.fromAsync(node.readDir("/proc/self/fd"));
  return {
    resident: numberOf("VmRSS") * 1024,
    openFiles: openFiles.length,
    threads: numberOf("Threads"),
  };
}

/** Whether what reads a node's files is this process: the same number, counted by the same system. */
async function isRunner(node: Node): Promise<boolean> {
  if (Deno.build.os !== "linux") return false;
  const [pid, numbering] = await Promise.all([
    node.readLink("/proc/self"),
    node.readLink("/proc/self/ns/pid"),
  ]);
  return pid === `${Deno.pid}` && numbering === await Deno.readLink("/proc/self/ns/pid");
}
