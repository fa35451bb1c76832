import { delay } from "../../agent/delay.ts";

/** A machine as its provider sees it. */
export interface SeenMachine {
  readonly id: string;
}

/** How machines are looked at, and how often. */
export interface PollOptions<M extends SeenMachine> {
  /** Asks the provider, by one call for all of them. */
  readonly look: (signal: AbortSignal) => Promise<readonly M[]>;
  /** Milliseconds between two looks. */
  readonly interval: number;
}

/** A caller that waits for a state of a machine. */
interface Waiter<M> {
  readonly id: string;
  readonly is: (machine: M) => boolean;
  readonly resolve: (machine: M) => void;
}

/**
 * Looks at many machines by one call, as long as a caller waits for one of them. A caller that waits
 * when the poll is disposed of waits for ever.
 */
export class MachinePoll<M extends SeenMachine> implements AsyncDisposable {
  readonly #options: PollOptions<M>;
  readonly #waiters = new Set<Waiter<M>>();
  readonly #end = new AbortController();
  #latest = new Map<string, M>();
  #failure: Error | undefined;
  #pause = new AbortController();
  #looked = Promise.withResolvers<void>();
  #looking: Promise<void> | undefined;

  constructor(options: PollOptions<M>) {
    this.#options = options;
  }

  /** What was seen last of a machine. */
  latest(id: string): M | undefined {
    return this.#latest.get(id);
  }

  /** Why the last look failed, if it did: the next one may not. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Resolves when a machine is in the state that is waited for; never if `signal` aborts before. */
  when(id: string, is: Waiter<M>["is"], signal: AbortSignal): Promise<M> {
    const { promise, resolve } = Promise.withResolvers<M>();
    if (signal.aborted || this.#end.signal.aborted) return promise;
    const waiter: Waiter<M> = { id, is, resolve };
    const forget = (): void => void this.#waiters.delete(waiter);
    this.#waiters.add(waiter);
    signal.addEventListener("abort", forget, { once: true });
    this.#looking ??= this.#look();
    return promise.finally(() => signal.removeEventListener("abort", forget));
  }

  /** Looks at once, if a caller waits; calls meanwhile share that look, and resolve after it. */
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
      // The last waiter may have given up meanwhile.
      if (!this.#isAwaited) break;
      const looked = this.#looked;
      this.#looked = Promise.withResolvers();
      try {
        this.#show(await this.#options.look(signal));
        this.#failure = undefined;
      } catch (error) {
        this.#failure = error as Error;
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

  #show(machines: readonly M[]): void {
    this.#latest = new Map(machines.map((machine) => [machine.id, machine]));
    for (const waiter of this.#waiters) {
      const machine = this.#latest.get(waiter.id);
      if (machine === undefined || !waiter.is(machine)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(machine);
    }
  }
}
