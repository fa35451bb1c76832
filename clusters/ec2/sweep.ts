import type { Ec2SweepOptions } from "./sweep_options.ts";
import { delay } from "../../agent/delay.ts";
import type { SweepOptions, SweepReport, SweptResource } from "../kit/mod.ts";
import type { Aws } from "../aws/mod.ts";
import { type LeftOvers, listInstances, listSpotRequests, listVolumes } from "./left_overs.ts";
import { listObjects } from "./left_over_objects.ts";

/** Milliseconds after which a look is taken for what EC2 did not show yet. */
const SECOND_LOOK = 2000;

/** Looks at most, however much keeps coming. */
const LOOKS = 5;

/** Finds what there is of one kind. */
type List = (aws: Aws, options: Ec2SweepOptions) => Promise<LeftOvers>;

/** How what runs have made is found, by its kind. */
const LISTS: Readonly<Record<string, List>> = {
  instance: listInstances,
  "spot request": listSpotRequests,
  volume: listVolumes,
};

/** No run owns objects. */
function listsFor({ run }: SweepOptions): [kind: string, list: List][] {
  return Object.entries(run === undefined ? { ...LISTS, object: listObjects } : LISTS);
}

/**
 * Finds what dead runs left in a region, and removes it unless `dryRun`. What cannot be listed keeps
 * nothing else from being removed, and is reported as a left-over that cannot be.
 *
 * When a run has just died its instances may not be seen yet. So what one run made is looked for
 * until there is nothing any more.
 */
export async function sweepRegion(aws: Aws, options: Ec2SweepOptions): Promise<SweepReport> {
  let look = await sweepOnce(aws, options);
  // What cannot be removed is found by each look, and reported once.
  const found = byId(look.found);
  const looks = options.run === undefined || options.dryRun ? 1 : LOOKS;
  for (let number = 1; number < looks; number++) {
    await delay(SECOND_LOOK, options.signal);
    look = await sweepOnce(aws, options);
    for (const [id, resource] of byId(look.found)) found.set(id, resource);
    if (look.found.length === 0) break;
  }
  return { region: aws.region, found: [...found.values(), ...look.unlisted] };
}

function byId(found: readonly SweptResource[]): Map<string, SweptResource> {
  return new Map(found.map((resource) => [`${resource.kind} ${resource.id}`, resource]));
}

/** What one look found, and the kinds that it could not look for. */
interface SweepLook {
  found: readonly SweptResource[];
  readonly unlisted: SweptResource[];
}

/** All kinds at once: none waits for another. Throws when nothing at all can be listed. */
async function sweepOnce(aws: Aws, options: Ec2SweepOptions): Promise<SweepLook> {
  const look: SweepLook = { found: [], unlisted: [] };
  const lists = listsFor(options);
  const results = await Promise.allSettled(
    lists.map(async ([kind, list]) => await sweepKind(kind, await list(aws, options), options)),
  );
  options.signal?.throwIfAborted();
  results.forEach((result, i) => {
    if (result.status === "fulfilled") look.found = look.found.concat(result.value);
    else look.unlisted.push(unlisted(lists[i]![0], result.reason));
  });
  const [first] = results;
  if (look.unlisted.length === lists.length && first?.status === "rejected") throw first.reason;
  return look;
}

function unlisted(kind: string, { message }: Error): SweptResource {
  const reason = "they cannot be listed, so there may be some";
  return { kind, id: "*", reason, outcome: { failed: message } };
}

/** All of one kind are removed together. */
async function sweepKind(
  kind: string,
  { dead, remove }: LeftOvers,
  { dryRun = false }: SweepOptions,
): Promise<SweptResource[]> {
  if (dead.length === 0) return [];
  const outcomeOf = dryRun ? () => "would be removed" as const : await outcomes(dead, remove);
  return dead.map(({ id, reason }) => ({ kind, id, reason, outcome: outcomeOf(id) }));
}

/** Removes what is dead; resolves to the outcome of each removal. */
async function outcomes(
  dead: LeftOvers["dead"],
  remove: LeftOvers["remove"],
): Promise<(id: string) => SweptResource["outcome"]> {
  try {
    const failures = await remove(dead.map(({ id }) => id));
    return (id) => failures.has(id) ? { failed: failures.get(id)! } : "removed";
  } catch (error) {
    return () => ({ failed: (error as Error).message });
  }
}
