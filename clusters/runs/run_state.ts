import { hasFailed, isRunning, type RunIndex } from "../record/mod.ts";

/**
 * What is known of a run as a whole. `"passed"`: all tests of it that told their verdict. `"ended"`:
 * none did, and nothing went wrong that its record knows of; assertions that failed it does not know.
 */
export type RunState = "running" | "failed" | "passed" | "ended";

/** The state of a run. */
export function runState(index: RunIndex): RunState {
  if (isRunning(index)) return "running";
  if (hasFailed(index)) return "failed";
  return index.tests?.some(({ end }) => end?.verdict === "passed") ? "passed" : "ended";
}

/** Milliseconds from its start to its latest end, or until now; `undefined` if that is not known. */
export function runDuration(index: RunIndex): number | undefined {
  if (isRunning(index)) return Date.now() - index.started;
  const ends = [...index.clusters, ...index.tests ?? []].flatMap(({ end }) => end?.time ?? []);
  return ends.length === 0 ? undefined : Math.max(...ends) - index.started;
}
