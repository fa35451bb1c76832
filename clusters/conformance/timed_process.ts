import { CommandError } from "../errors.ts";
import type { Node } from "../node/mod.ts";
import type { Process, SpawnOptions } from "../process/mod.ts";

/** Milliseconds in which a machine that is not busy has started a process. */
const TIMEOUT = 100;

/**
 * Starts a process that only its timeout ends. That is twice as long for the next one where a machine is
 * too busy to start one within it.
 */
export async function timedProcess(node: Node, options: SpawnOptions = {}): Promise<Process> {
  for (let timeout = TIMEOUT;; timeout *= 2) {
    try {
      return await node.spawn("sleep", ["1000"], { ...options, timeout });
    } catch (error) {
      if (!(error instanceof CommandError && error.reason === "timeout")) throw error;
    }
  }
}
