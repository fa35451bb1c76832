import type { RunIdentity } from "../kit/mod.ts";
import { currentProcess } from "./process_identity.ts";

let run: RunIdentity | undefined;

/** The run of this process: made with its first cluster, and the same for all of them. */
export function currentRun(): RunIdentity {
  return run ??= { id: runId(), owner: currentProcess() };
}

/** Sorts by time. */
function runId(): string {
  const time = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  return `${time}r${crypto.randomUUID().replaceAll("-", "").slice(0, 8)}`;
}

/** Whether something is named as runs are. */
export function isRunId(name: string): boolean {
  return /^\d{14}r[0-9a-f]{8}$/.test(name);
}
