import type { OwnerLabels } from "./owner_labels.ts";
import { stateOf } from "./process_identity.ts";

/**
 * The cause of death of a resource with these labels; `undefined` when it lives. With `run`, all that
 * this run made is dead, and nothing else. Otherwise its owner decides: what a living one has is alive,
 * whatever the clock says, which may be wrong; what one has that is gone is dead. An owner that cannot
 * be judged from here is alive as long as the labels allow; `now` is the time of the engine or
 * provider that has the resource, where that tells it: the clock of this machine may be wrong.
 */
export function causeOfDeath(
  labels: OwnerLabels,
  run: string | undefined,
  now: number = Date.now(),
): string | undefined {
  const ofRun = describeRun(labels);
  if (run !== undefined) return labels.run === run ? `${ofRun}, which is over` : undefined;
  const state = labels.owner === undefined ? "unknown" : stateOf(labels.owner);
  if (state === "gone") return `${ofRun}; its owner, process ${labels.owner?.pid}, is gone`;
  if (state === "alive") return undefined;
  if (labels.until < now) return `${ofRun}; it has outlived its maximum life`;
  return undefined;
}

/** Names the run of a resource, for people. */
export function describeRun({ run }: Pick<OwnerLabels, "run">): string {
  return run === undefined ? "of an unknown run" : `of run ${run}`;
}
