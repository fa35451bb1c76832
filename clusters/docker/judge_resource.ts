import type { SweepOptions } from "../kit/mod.ts";
import { causeOfDeath, describeRun } from "../ownership/mod.ts";
import type { ResourceRole } from "./labels.ts";
import type { LabelledResource } from "./list_resources.ts";

/** Roles of what is started once, and of no use any more when it has ended. */
const RUNS_ONCE: readonly string[] = ["node", "sidecar"] satisfies ResourceRole[];

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
  if (run === undefined && hasEnded && RUNS_ONCE.includes(labels.role)) {
    return `${describeRun(labels)}; it has ended by itself`;
  }
  return causeOfDeath(labels, run, now);
}
