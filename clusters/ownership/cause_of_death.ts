import type { OwnerLabels } from "./owner_labels.ts";
import { isGone } from "./process_identity.ts";

/**
 * The cause of death of a resource with these labels; `undefined` when it lives. With `run`, all that
 * this run made is dead, and nothing else. Otherwise a resource is dead when its owner is known to be
 * gone, or when it is older than its labels allow: an owner that cannot be judged from here is alive
 * until then.
 */
export function causeOfDeath(labels: OwnerLabels, run: string | undefined): string | undefined {
  const ofRun = describeRun(labels);
  if (run !== undefined) return labels.run === run ? `${ofRun}, which is over` : undefined;
  if (labels.owner !== undefined && isGone(labels.owner)) {
    return `${ofRun}; its owner, process ${labels.owner.pid}, is gone`;
  }
  if (labels.until < Date.now()) return `${ofRun}; it has outlived its maximum life`;
  return undefined;
}

/** Names the run of a resource, for people. */
export function describeRun({ run }: Pick<OwnerLabels, "run">): string {
  return run === undefined ? "of an unknown run" : `of run ${run}`;
}
