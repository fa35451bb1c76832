import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { delay } from "../../agent/delay.ts";
import { throwFailures } from "../concurrency/mod.ts";
import { type Aws, errorCode, pauseAfter } from "../aws/mod.ts";

/** Instances of one request. */
const BATCH = 1000;

/** One that was just launched, or ended long ago. */
const UNKNOWN = "InvalidInstanceID.NotFound";

/** Tries to end one that may be too new to be known: some seven seconds. */
const TRIES = 6;

/** How instances are ended. */
export interface TerminateOptions {
  /** They were seen to run: one that is unknown now is not new, but ended long ago. @default false */
  readonly wereSeen?: boolean | undefined;
}

/**
 * Ends instances that were seen to run: by one call those that are to end at the same moment, or while
 * the call before is under way.
 */
export class Terminator {
  readonly #aws: Aws;
  readonly #waiting: { id: string; resolve: () => void; reject: (error: unknown) => void }[] = [];
  #isBusy = false;

  constructor(aws: Aws) {
    this.#aws = aws;
  }

  /** Resolves once EC2 has agreed: from then on the instance costs nothing. */
  async terminate(id: string): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ id, resolve, reject });
    if (!this.#isBusy) setTimeout(() => this.#flush(), 0);
    this.#isBusy = true;
    await promise;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting.splice(0);
      try {
        await terminateInstances(this.#aws, waiting.map(({ id }) => id), { wereSeen: true });
        for (const { resolve } of waiting) resolve();
      } catch (error) {
        for (const { reject } of waiting) reject(error);
      }
    }
    this.#isBusy = false;
  }
}

/**
 * Ends instances, a thousand by one call. It is no error if some are gone already; and what fails for
 * one thousand is thrown once the others were tried.
 */
export async function terminateInstances(
  aws: Aws,
  ids: readonly string[],
  options: TerminateOptions = {},
): Promise<void> {
  const results: PromiseSettledResult<void>[] = [];
  for (let i = 0; i < ids.length; i += BATCH) {
    const batch = ids.slice(i, i + BATCH);
    results.push(...await Promise.allSettled([terminateBatch(aws, batch, options)]));
  }
  throwFailures(results);
}

/** What stays unknown has ended long ago. */
async function terminateBatch(
  aws: Aws,
  ids: readonly string[],
  { wereSeen = false }: TerminateOptions,
): Promise<void> {
  let unknown = await terminateKnown(aws, ids);
  for (let tries = 1; unknown.length > 0 && !wereSeen && tries < TRIES; tries++) {
    await delay(pauseAfter(tries));
    unknown = await terminateKnown(aws, unknown);
  }
}

/**
 * Ends the instances that EC2 knows, and resolves to the others: a request that names one of those
 * ends none.
 */
async function terminateKnown(
  aws: Aws,
  ids: readonly string[],
): Promise<readonly string[]> {
  const input = { InstanceIds: [...ids] };
  try {
    await aws.call(
      "terminate instances",
      (options) => aws.ec2.send(new TerminateInstancesCommand(input), options),
      { deadline: 60_000 },
    );
    return [];
  } catch (error) {
    if (errorCode(error) !== UNKNOWN) throw error;
    const named = namesIn(error);
    const unknown = ids.filter((id) => named.includes(id));
    if (unknown.length === 0) throw error;
    const known = ids.filter((id) => !named.includes(id));
    return known.length === 0 ? unknown : [...unknown, ...await terminateKnown(aws, known)];
  }
}

/** The instances that an error is about. */
function namesIn(error: unknown): string[] {
  const { message, cause } = error as Error;
  const text = `${message} ${cause instanceof Error ? cause.message : ""}`;
  return text.match(/\bi-[0-9a-f]+\b/g) ?? [];
}
