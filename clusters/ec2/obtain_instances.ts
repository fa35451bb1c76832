import { RunInstancesCommand, type RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import pLimit from "p-limit";
import type { Aws } from "./api/aws.ts";
import { errorCode, isExhausted } from "./api/error_code.ts";
import type { InstanceOptions } from "./ec2_options.ts";
import { type Instance, toInstance } from "./instance.ts";
import { type LaunchPlan, type Market, runRequest } from "./run_request.ts";

/** Instances of one request: EC2 launches several of a hundred sooner than one of a thousand. */
const BATCH = 100;

/** Requests that are under way at a time. */
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
  /** Is told of each instance as soon as it was launched, whatever becomes of the others. */
  readonly onLaunch: (instance: Instance) => void;
  readonly signal: AbortSignal;
}

/** Somewhere that has no more of what was asked for. */
export interface Refusal {
  readonly zone: string;
  readonly market: Market;
  readonly message: string;
}

/** What was got, and why it is not more. */
export interface Obtained {
  readonly instances: readonly Instance[];
  readonly refusals: readonly Refusal[];
}

/**
 * Launches instances, in batches. What one zone does not have is looked for in the others, and what
 * no zone has to spare is paid in full if the plan allows it. Resolves also when not all could be
 * had. Rejects for every other failure; then there may be instances that have the plan's tags.
 */
export async function obtainInstances(
  aws: Aws,
  plan: LaunchPlan,
  { count, subnets, ...options }: Demand,
): Promise<Obtained> {
  const search = new Search(aws, plan, options);
  const limit = pLimit(PARALLEL);
  const batches = batchesOf(count, plan.options.spread ? subnets.length : 1);
  const results = await Promise.allSettled(
    batches.map(({ size, share }) => limit(() => search.fill(size, rotated(subnets, share)))),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  return search;
}

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

function rotated<T>(items: readonly T[], by: number): T[] {
  return [...items.slice(by), ...items.slice(0, by)];
}

/** Where instances were looked for, for all batches together. */
class Search implements Obtained {
  readonly instances: Instance[] = [];
  readonly #refusals = new Map<string, Refusal>();
  readonly #aws: Aws;
  readonly #plan: LaunchPlan;
  readonly #options: Pick<Demand, "onLaunch" | "signal">;

  constructor(aws: Aws, plan: LaunchPlan, options: Pick<Demand, "onLaunch" | "signal">) {
    this.#aws = aws;
    this.#plan = plan;
    this.#options = options;
  }

  get refusals(): Refusal[] {
    return [...this.#refusals.values()];
  }

  /** Launches this many, as far as they can be had. */
  async fill(count: number, subnets: readonly Subnet[]): Promise<void> {
    let missing = count;
    for (const market of marketsOf(this.#plan.options)) {
      for (const { id, zone } of subnets) {
        // Where there was nothing for one batch, there is nothing for the next.
        while (missing > 0 && !this.#refusals.has(`${zone} ${market}`)) {
          missing -= await this.#run({ count: missing, subnet: id, market }, zone);
        }
      }
    }
  }

  /** Resolves to how many were launched. */
  async #run(
    batch: { count: number; subnet: string; market: Market },
    zone: string,
  ): Promise<number> {
    const { customize } = this.#plan.options;
    const request = runRequest(this.#plan, { ...batch, clientToken: crypto.randomUUID() });
    const changed = await customize?.(request as unknown as Record<string, unknown>);
    const input = (changed ?? request) as RunInstancesCommandInput;
    try {
      const { Instances = [] } = await this.#aws.call(
        "launch instances",
        // Not aborted: what it has launched has to be known.
        () => this.#aws.ec2.send(new RunInstancesCommand(input)),
        { signal: this.#options.signal },
      );
      const launched = Instances.map(toInstance);
      this.instances.push(...launched);
      launched.forEach(this.#options.onLaunch);
      return Instances.length;
    } catch (error) {
      if (!isExhausted(error)) throw error;
      const message = `${errorCode(error)}: ${sdkMessage(error)}`;
      this.#refusals.set(`${zone} ${batch.market}`, { zone, market: batch.market, message });
      return 0;
    }
  }
}

/** What AWS itself says, of an error that was wrapped. */
function sdkMessage(error: unknown): string {
  const { cause, message } = error as Error;
  return cause instanceof Error ? cause.message : message;
}
