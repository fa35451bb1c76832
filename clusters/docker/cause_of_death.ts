import type { SweepOptions } from "../kit/mod.ts";
import { causeOfDeath as causeByOwner, describeRun } from "../ownership/mod.ts";
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
  if (run === undefined && hasEnded) return `${describeRun(labels)}; it has ended by itself`;
  return causeByOwner(labels, run);
}
