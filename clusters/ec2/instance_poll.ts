import { delay } from "../../agent/delay.ts";
import type { Aws } from "./api/aws.ts";
import { describeInstances, type Filters, type Instance } from "./instance.ts";

/** Which instances are looked at, and how often. */
export interface PollOptions {
  /** Asked anew for each look. */
  readonly filters: () => Filters;
  /** Milliseconds between two looks. */
  readonly interval: number;
}

/** Somebody who waits for an instance to become something. */
interface Waiter {
  readonly id: string;
  readonly is: (instance: Instance) => boolean;
  readonly resolve: (instance: Instance) => void;
}

/**
 * Looks at many instances by one call, as long as somebody waits for one of them. Whoever waits when
 * it is disposed waits for ever.
 */
export class InstancePoll implements AsyncDisposable {
  readonly #aws: Aws;
  readonly #options: PollOptions;
  readonly #waiters = new Set<Waiter>();
  readonly #end = new AbortController();
  #latest = new Map<string, Instance>();
  #doubt: Error | undefined;
  #pause = new AbortController();
  #looked = Promise.withResolvers<void>();
  #looking: Promise<void> | undefined;

  constructor(aws: Aws, options: PollOptions) {
    this.#aws = aws;
    this.#options = options;
  }

  /** What was seen last of an instance. */
  latest(id: string): Instance | undefined {
    return this.#latest.get(id);
  }

  /** Why the last look failed, if it did: the next one may not. */
  get doubt(): Error | undefined {
    return this.#doubt;
  }

  /** Resolves once an instance is seen to be so; never when `signal` aborts before. */
  when(id: string, is: Waiter["is"], signal: AbortSignal): Promise<Instance> {
    const { promise, resolve } = Promise.withResolvers<Instance>();
    if (signal.aborted || this.#end.signal.aborted) return promise;
    const waiter: Waiter = { id, is, resolve };
    const forget = (): void => void this.#waiters.delete(waiter);
    this.#waiters.add(waiter);
    signal.addEventListener("abort", forget, { once: true });
    this.#looking ??= this.#look();
    return promise.finally(() => signal.removeEventListener("abort", forget));
  }

  /** Looks at once, if somebody waits; resolves when that was done, for all who ask meanwhile. */
  async refresh(): Promise<void> {
    if (this.#looking === undefined) return;
    this.#pause.abort();
    await Promise.race([this.#looked.promise, this.#looking]);
  }

  /** Ends the looking. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { signal } = this.#end;
    while (this.#isAwaited) {
      await this.#untilDue();
      // Whoever waited may have given up.
      if (!this.#isAwaited) break;
      const looked = this.#looked;
      this.#looked = Promise.withResolvers();
      try {
        this.#show(await describeInstances(this.#aws, this.#options.filters(), signal));
        this.#doubt = undefined;
      } catch (error) {
        this.#doubt = error as Error;
      }
      looked.resolve();
    }
    this.#looking = undefined;
  }

  get #isAwaited(): boolean {
    return this.#waiters.size > 0 && !this.#end.signal.aborted;
  }

  /** Waits for the time of the next look. */
  async #untilDue(): Promise<void> {
    const { interval } = this.#options;
    const until = AbortSignal.any([this.#end.signal, this.#pause.signal]);
    await delay(interval, until).catch(() => {});
    this.#pause = new AbortController();
  }

  #show(instances: readonly Instance[]): void {
    this.#latest = new Map(instances.map((instance) => [instance.id, instance]));
    for (const waiter of this.#waiters) {
      const instance = this.#latest.get(waiter.id);
      if (instance === undefined || !waiter.is(instance)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(instance);
    }
  }
}
