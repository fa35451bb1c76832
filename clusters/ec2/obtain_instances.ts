import { RunInstancesCommand, type RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import pLimit, { type LimitFunction } from "p-limit";
import { allOrNone, unlessAborted } from "../concurrency/mod.ts";
import { type Aws, errorCode, type Instance, isExhausted, toInstance } from "../aws/mod.ts";
import { batchesOf, marketsOf } from "./batches.ts";
import type { Refusal } from "./refusal.ts";
import { type LaunchPlan, type Market, runRequest } from "./run_request.ts";

/** Requests that are in flight at a time. */
const PARALLEL = 4;

/** A subnet, and the zone that it is in. */
export interface Subnet {
  readonly id: string;
  readonly zone: string;
}

/** How many instances of a plan, and from where. */
export interface Demand {
  readonly count: number;
  /** In the order in which they are tried. */
  readonly subnets: readonly Subnet[];
  /**
   * Called for each instance as soon as it was launched, whatever becomes of the others. Resolves once
   * it is known whether EC2 has room for it: to the instance if it was ended because there was none.
   * Must not reject.
   */
  readonly onLaunch: (instance: Instance) => Promise<Instance | undefined>;
  readonly signal: AbortSignal;
}

/** How many could be had, and why it is not more. */
export interface Obtained {
  readonly count: number;
  readonly refusals: readonly Refusal[];
}

/**
 * Launches instances, in batches. What one zone does not have is looked for in the others, and what
 * no zone has to spare is paid in full if the plan allows it. EC2 may say only after a launch that it
 * has no room: that is no different. Resolves also when not all could be had. Rejects for every other
 * failure; then there may be instances that have the plan's tags.
 */
export async function obtainInstances(
  aws: Aws,
  plan: LaunchPlan,
  { count, subnets, onLaunch, signal }: Demand,
): Promise<Obtained> {
  const search = new PlacementSearch(aws, plan, onLaunch);
  await allOrNone(batchesOf(count, plan.options.spread ? subnets.length : 1), {
    signals: [signal],
    make: ({ size, share }, signal) =>
      search.fill(size, { subnets: rotated(subnets, share), signal }),
    // The caller knows all of them by `onLaunch`, and ends them.
    undo: () => Promise.resolve(),
  });
  return search.found;
}

function rotated<T>(items: readonly T[], by: number): T[] {
  return [...items.slice(by), ...items.slice(0, by)];
}

/** Where a batch is looked for, and until when. */
type Where = Pick<Demand, "subnets" | "signal">;

/** Where to ask, and how it is paid. */
interface Placement extends Subnet {
  readonly market: Market;
}

/** An instance that was launched somewhere. */
interface Launched {
  readonly place: Placement;
  /** See {@linkcode Demand.onLaunch}. */
  readonly refused: Promise<Instance | undefined>;
}

/** Where instances were looked for, for all batches together. */
class PlacementSearch {
  readonly #aws: Aws;
  readonly #plan: LaunchPlan;
  readonly #onLaunch: Demand["onLaunch"];
  readonly #limit: LimitFunction = pLimit(PARALLEL);
  readonly #refusals = new Map<string, Refusal>();
  /** Resolves when EC2 has not enough instances: then the others are not awaited. */
  readonly #short = Promise.withResolvers<void>();
  #count = 0;

  constructor(aws: Aws, plan: LaunchPlan, onLaunch: Demand["onLaunch"]) {
    this.#aws = aws;
    this.#plan = plan;
    this.#onLaunch = onLaunch;
  }

  get found(): Obtained {
    return { count: this.#count, refusals: [...this.#refusals.values()] };
  }

  /** Launches this many, as far as they can be had, and others for those that there is no room for. */
  async fill(count: number, where: Where): Promise<void> {
    for (let missing = count; missing > 0;) {
      const launched = await this.#limit(() => this.#ask(missing, where));
      if (launched.length < missing) return this.#short.resolve();
      const refused = this.#countRefused(launched);
      const isShort = this.#short.promise.then(() => 0);
      missing = await unlessAborted(Promise.race([refused, isShort]), where.signal);
    }
  }

  async #ask(count: number, { subnets, signal }: Where): Promise<Launched[]> {
    const launched: Launched[] = [];
    for (const market of marketsOf(this.#plan.options)) {
      for (const subnet of subnets) {
        const place = { ...subnet, market };
        // Where there was nothing for one batch, there is nothing for the next.
        while (launched.length < count && !this.#refusals.has(keyOf(place))) {
          launched.push(...await this.#run(count - launched.length, { place, signal }));
        }
      }
    }
    return launched;
  }

  /** Resolves to what was launched. */
  async #run(
    count: number,
    { place, signal }: { place: Placement; signal: AbortSignal },
  ): Promise<Launched[]> {
    const batch = { count, subnet: place.id, market: place.market };
    const request = runRequest(this.#plan, { ...batch, clientToken: crypto.randomUUID() });
    const changed = await this.#plan.options.customize?.(
      request as unknown as Record<string, unknown>,
    );
    const input = (changed ?? request) as RunInstancesCommandInput;
    try {
      const { Instances = [] } = await this.#aws.call(
        "launch instances",
        // Not aborted: what it has launched has to be known.
        () => this.#aws.ec2.send(new RunInstancesCommand(input)),
        { signal },
      );
      this.#count += Instances.length;
      return Instances.map(toInstance)
        .map((instance) => ({ place, refused: this.#onLaunch(instance) }));
    } catch (error) {
      if (!isExhausted(error)) throw error;
      this.#refuse(place, `${errorCode(error)}: ${sdkMessage(error)}`);
      return [];
    }
  }

  /** Resolves to how many of them EC2 has no room for, once that is known of all. */
  async #countRefused(launched: readonly Launched[]): Promise<number> {
    let count = 0;
    await Promise.all(launched.map(async ({ place, refused }) => {
      const instance = await refused;
      if (instance === undefined) return;
      count++;
      this.#count--;
      this.#refuse(place, instance.reason ?? "");
    }));
    return count;
  }

  #refuse(place: Placement, message: string): void {
    const { zone, market } = place;
    this.#refusals.set(keyOf(place), { zone, market, message });
  }
}

function keyOf({ zone, market }: Placement): string {
  return `${zone} ${market}`;
}

/** What AWS itself says, of an error that was wrapped. */
function sdkMessage(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
