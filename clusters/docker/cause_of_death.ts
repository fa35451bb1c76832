import type { SweepOptions } from "../kit/mod.ts";
import { isGone } from "../ownership/mod.ts";
import type { LabelledResource } from "./left_overs.ts";

/**
 * Why a resource is dead; `undefined` when it is not, or when that cannot be told. Nothing is dead
 * only because it is old or idle.
 */
export function causeOfDeath(
  { labels, hasEnded }: LabelledResource,
  { run, caches = false }: Pick<SweepOptions, "run" | "caches">,
): string | undefined {
  if (labels.role === "agent") {
    return caches && run === undefined ? "a cache of the agent" : undefined;
  }
  const ofRun = labels.run === undefined ? "of an unknown run" : `of run ${labels.run}`;
  if (run !== undefined) return labels.run === run ? `${ofRun}, which is over` : undefined;
  if (hasEnded) return `${ofRun}; it has ended by itself`;
  if (labels.owner !== undefined && isGone(labels.owner)) {
    return `${ofRun}; its owner, process ${labels.owner.pid}, is gone`;
  }
  if (labels.until < Date.now()) return `${ofRun}; it has outlived its maximum life`;
  return undefined;
}
