import { isGone } from "../ownership/mod.ts";
import type { OwnerTags } from "../aws/mod.ts";

/**
 * Why a resource is dead; `undefined` when it is not, or when that cannot be told. Nothing is dead
 * only because it is idle.
 */
export function causeOfDeath(tags: OwnerTags, run: string | undefined): string | undefined {
  const ofRun = tags.run === undefined ? "of an unknown run" : `of run ${tags.run}`;
  if (run !== undefined) return tags.run === run ? `${ofRun}, which is over` : undefined;
  if (tags.owner !== undefined && isGone(tags.owner)) {
    return `${ofRun}; its owner, process ${tags.owner.pid}, is gone`;
  }
  if (tags.until < Date.now()) return `${ofRun}; it has outlived its maximum life`;
  return undefined;
}
