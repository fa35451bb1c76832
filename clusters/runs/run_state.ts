import { hasFailed, isRunning, type RunIndex } from "../record/mod.ts";

/**
 * What is known of a run as a whole. `"ended"`: nothing went wrong that a record knows of; whether
 * an assertion has failed beside it, it does not know.
 */
export type RunState = "running" | "failed" | "ended";

/** The state of a run. */
export function runState(index: RunIndex): RunState {
  if (isRunning(index)) return "running";
  return hasFailed(index) ? "failed" : "ended";
}

/** Milliseconds from its start to its latest end, or until now; `undefined` if that is not known. */
export function runDuration(index: RunIndex): number | undefined {
  if (isRunning(index)) return Date.now() - index.started;
  const ends = index.clusters.flatMap(({ end }) => end ? [end.time] : []);
  return ends.length === 0 ? undefined : Math.max(...ends) - index.started;
}
