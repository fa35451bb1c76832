import { delay } from "../../agent/delay.ts";
import type { SweepOptions, SweepReport, SweptResource } from "../backend.ts";
import type { Aws } from "./api/aws.ts";
import { listInstances, listSpotRequests, listVolumes } from "./left_overs.ts";
import type { LeftOvers } from "./left_overs.ts";
import { listObjects } from "./left_over_objects.ts";

/** Milliseconds after which a look is taken for what EC2 did not show yet. */
const SECOND_LOOK = 2000;

/** Looks at most, however much keeps coming. */
const LOOKS = 5;

/** Where and what to sweep. */
export interface Ec2SweepOptions extends SweepOptions {
  readonly stackName: string | undefined;
}

/**
 * Finds what dead runs left in a region, and removes it unless `dryRun`.
 *
 * When a run has just died its instances may not be seen yet. So what one run made is looked for
 * until there is nothing any more.
 */
export async function sweepRegion(aws: Aws, options: Ec2SweepOptions): Promise<SweepReport> {
  const found = await sweepOnce(aws, options);
  if (options.run === undefined || options.dryRun) return { found };
  for (let look = 1; look < LOOKS; look++) {
    await delay(SECOND_LOOK, options.signal);
    const more = await sweepOnce(aws, options);
    found.push(...more);
    if (more.length === 0) break;
  }
  return { found };
}

/** Requests first: what they are given afterwards would be left behind. */
async function sweepOnce(aws: Aws, options: Ec2SweepOptions): Promise<SweptResource[]> {
  const found: SweptResource[] = [];
  for (const list of [listSpotRequests, listInstances, listVolumes, listObjects]) {
    found.push(...await sweepKind(await list(aws, options), options));
  }
  return found;
}

/** All of one kind are removed together. */
async function sweepKind(
  { kind, dead, remove }: LeftOvers,
  { dryRun = false }: SweepOptions,
): Promise<SweptResource[]> {
  if (dead.length === 0) return [];
  const ids = dead.map(({ id }) => id);
  const outcome = dryRun ? "would be removed" : await outcomeOf(remove(ids));
  return dead.map(({ id, reason }) => ({ kind, id, reason, outcome }));
}

async function outcomeOf(removal: Promise<void>): Promise<SweptResource["outcome"]> {
  try {
    await removal;
    return "removed";
  } catch (error) {
    return { failed: (error as Error).message };
  }
}
