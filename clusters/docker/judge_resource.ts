import type { SweepOptions } from "../kit/mod.ts";
import { causeOfDeath, describeRun } from "../ownership/mod.ts";
import type { LabelledResource } from "./list_resources.ts";

/**
 * The cause of death of a resource; `undefined` when it lives, or when that cannot be known. Nothing
 * is dead only because it is old or idle.
 */
export function judgeResource(
  { labels, hasEnded }: LabelledResource,
  { run, caches = false, now }: Pick<SweepOptions, "run" | "caches"> & { readonly now?: number },
): string | undefined {
  if (labels.role === "agent") {
    return caches && run === undefined ? "a cache of the agent" : undefined;
  }
  if (run === undefined && hasEnded) return `${describeRun(labels)}; it has ended by itself`;
  return causeOfDeath(labels, run, now);
}
