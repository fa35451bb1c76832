import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { TimeoutError } from "../errors.ts";
import { Tries } from "./tries.ts";

/** Milliseconds after which a wait fails, unless a test says otherwise. */
export const WAIT_TIMEOUT = 30_000;

/** What is tried, and for how long. */
export interface TryOptions {
  /** The call that waits, as errors name it: `node.waitForPort(80)`. */
  readonly what: string;
  /** What the error of a timeout says before "within … ms". */
  readonly state: string;
  /** The place of the wait, as in ` on node "a" (local)`. @default nothing */
  readonly where?: string | undefined;
  /** The name of that node. @default none */
  readonly node?: string | undefined;
  /** Further lines for that error. @default none */
  readonly details?: (() => string) | undefined;
  /** Milliseconds after which it fails; `Infinity` for never. */
  readonly timeout: number;
  /** Milliseconds from the end of a try to the next one. */
  readonly interval: number;
  /** Milliseconds that a try may take. @default Infinity */
  readonly tryTimeout?: number | undefined;
  /** Aborting rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Counts the tries, so that callers can look at them meanwhile. */
  readonly tries?: Tries | undefined;
}

/**
 * Tries until a try neither throws nor rejects, and resolves to its result. When the time is over, it
 * rejects with a `TimeoutError`; the signal of a try that has not ended aborts, and it is not waited for.
 */
export async function tryUntil<T>(
  attempt: (signal: AbortSignal) => T | PromiseLike<T>,
  options: TryOptions,
): Promise<T> {
  const { timeout, interval, tryTimeout = Infinity, signal, tries = new Tries() } = options;
  signal?.throwIfAborted();
  using deadline = new Deadline(timeout, [signal]);
  for (;;) {
    using patience = new Deadline(tryTimeout, [deadline.signal]);
    try {
      tries.count++;
      return await unlessAborted(Promise.try(attempt, patience.signal), patience.signal);
    } catch (error) {
      signal?.throwIfAborted();
      // A try that the deadline has cut off says nothing: the error of the one before it is kept.
      if (!deadline.isOver) tries.failed(error);
    }
    await delay(interval, deadline.signal).catch(() => {});
    signal?.throwIfAborted();
    if (deadline.isOver) {
      const seen = { tries: tries.count, seen: `${tries}`, cause: tries.last };
      throw new TimeoutError({ ...options, ...seen, details: options.details?.() });
    }
  }
}

/** Throws unless `value` is a number of milliseconds, 0 or above; `Infinity` is one. */
export function checkDuration(name: string, value: unknown): void {
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number of milliseconds, not ${Deno.inspect(value)}`);
  }
  if (!(value >= 0)) throw new RangeError(`${name} must be at least 0, not ${value}`);
}
