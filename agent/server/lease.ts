import { startFirstTimer } from "../first_timer.ts";

/** Why an agent ends by itself. */
export type LeaseEnd = "lease" | "max-life";

/** How long an agent lives. */
export interface LeaseOptions {
  /** Milliseconds without a heartbeat after which it ends. */
  readonly timeout: number;
  /**
   * Milliseconds after which it ends when the runner has not come at all, if that is longer: where many
   * agents start, it comes late to some. @default as after a heartbeat
   */
  readonly startTimeout?: number | undefined;
  /** Milliseconds after which it ends in any case. @default no bound */
  readonly maxLife?: number | undefined;
  /** Called once. */
  readonly onEnd: (why: LeaseEnd) => void;
}

/** Gets, at each look, the milliseconds for which the agent may go on. */
export interface LeaseWatch {
  timeLeft(milliseconds: number): void;
}

/** Looks that fit into the time of a lease. */
const LOOKS = 20;

/** Milliseconds between two looks, at most. */
const MAX_INTERVAL = 1_000;

/** Looks of the time in which an agent begins: half of its lease, and ten seconds at most. */
const FIRST_LOOKS = LOOKS / 2;

/**
 * An agent's right to go on, which heartbeats renew. It begins when the agent does.
 *
 * Time is counted in looks and not read from a clock: a host that was paused finds on its return that
 * one look is due, not that an hour has passed, so heartbeats can come before it judges; and a clock
 * that is set right soon after boot ends no life.
 */
export class Lease implements Disposable {
  #timer: Disposable;
  readonly #interval: number;
  readonly #options: LeaseOptions;
  /** What ends the agent if it hangs, and so looks no more. */
  watch: LeaseWatch | undefined;
  /** Resolves after half of the time of the lease, ten seconds at most, however often it was renewed. */
  readonly firstHalf: Promise<void>;
  readonly #resolveFirstHalf: () => void;
  #looks = 0;
  #hasBegun = false;
  #unheard = 0;
  #lived = 0;

  constructor(options: LeaseOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.firstHalf = promise;
    this.#resolveFirstHalf = resolve;
    this.#interval = Math.min(MAX_INTERVAL, options.timeout / LOOKS);
    this.#timer = startFirstTimer(this.#interval, () => this.#look());
  }

  /** The runner has come. The first time it does, the lease begins anew, and from then on needs heartbeats. */
  begin(): void {
    if (!this.#hasBegun) this.renew();
  }

  /** A heartbeat has come. */
  renew(): void {
    this.#hasBegun = true;
    this.#unheard = 0;
  }

  /** Stops looking: the agent does not end by this lease any more. */
  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #look(): void {
    this.#timer = startFirstTimer(this.#interval, () => this.#look());
    this.#looks += 1;
    if (this.#looks === FIRST_LOOKS) this.#resolveFirstHalf();
    this.#unheard += this.#interval;
    this.#lived += this.#interval;
    const { timeout, startTimeout = timeout, maxLife = Infinity } = this.#options;
    const patience = this.#hasBegun ? timeout : Math.max(timeout, startTimeout);
    if (this.#unheard >= patience) this.#end("lease");
    else if (this.#lived >= maxLife) this.#end("max-life");
    else this.watch?.timeLeft(Math.min(patience - this.#unheard, maxLife - this.#lived));
  }

  #end(why: LeaseEnd): void {
    this[Symbol.dispose]();
    this.#options.onEnd(why);
  }
}
