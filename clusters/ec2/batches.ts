import type { InstanceOptions } from "./ec2_options.ts";
import type { Market } from "./run_request.ts";

/** Instances of one request: EC2 launches several of a hundred sooner than one of a thousand. */
const BATCH = 100;

/** What a number of instances is asked for in: batches, each from one of some shares. */
export function batchesOf(count: number, shares: number): { size: number; share: number }[] {
  const batches: { size: number; share: number }[] = [];
  for (let share = 0; share < shares; share++) {
    let rest = Math.floor((count + shares - 1 - share) / shares);
    for (; rest > 0; rest -= BATCH) batches.push({ size: Math.min(rest, BATCH), share });
  }
  return batches;
}

/** The ways in which instances of these options may be paid, best first. */
export function marketsOf({ spot }: Pick<InstanceOptions, "spot">): readonly Market[] {
  if (!spot) return ["on-demand"];
  const fallback = spot === true || (spot.fallback ?? true);
  return fallback ? ["spot", "on-demand"] : ["spot"];
}
