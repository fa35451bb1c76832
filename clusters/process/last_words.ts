import { settledWithin } from "../../agent/settled_within.ts";
import type { LiveOutputs } from "./live_outputs.ts";

/**
 * Waits for the rest of the outputs of a process that has ended: for what its node has read by now, and so
 * many milliseconds for their ends, since what the process has left behind may hold them open.
 */
export async function lastWords(live: LiveOutputs, rest: number): Promise<void> {
  if (live.isComplete) return;
  await live.flush();
  await settledWithin(rest, live.record.complete);
}
