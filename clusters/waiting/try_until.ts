import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { TimeoutError } from "../errors.ts";
import { Tries } from "./tries.ts";

/** Milliseconds that something is waited for, unless a test says otherwise. */
export const WAIT_TIMEOUT = 30_000;

/** What is tried, and for how long. */
export interface TryOptions {
  /** What is waited for, as errors name it: `node.waitForPort(80)`. */
  readonly what: string;
  /** What is to be said when it does not happen, before "within … ms". */
  readonly state: string;
  /** Where it is waited for, as in ` on node "a" (local)`. @default nothing */
  readonly where?: string | undefined;
  /** The name of the node there. @default none */
  readonly node?: string | undefined;
  /** What else is to be said then. @default nothing */
  readonly details?: (() => string) | undefined;
  /** Milliseconds after which it fails; `Infinity` for never. */
  readonly timeout: number;
  /** Milliseconds from the end of a try to the next one. */
  readonly interval: number;
  /** Milliseconds that a try may take. @default Infinity */
  readonly tryTimeout?: number | undefined;
  /** Aborting rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Counts the tries, for those who look at them meanwhile. */
  readonly tries?: Tries | undefined;
}

/**
 * Tries until a try neither throws nor rejects, and resolves to what it brought. When the time is over
 * it rejects with a `TimeoutError`. A try that does not end is not waited for: its own signal aborts.
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
      // What the deadline cut off says nothing of the try: the one before it may have.
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

/** Throws unless it is a number of milliseconds that can be waited; `Infinity` is one. */
export function checkDuration(name: string, value: unknown): void {
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number of milliseconds, not ${Deno.inspect(value)}`);
  }
  if (!(value >= 0)) throw new RangeError(`${name} must be at least 0, not ${value}`);
}
