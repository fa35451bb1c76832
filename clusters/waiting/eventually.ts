import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import { unlessAborted } from "../concurrency/mod.ts";

/** Milliseconds that {@linkcode eventually} waits, unless its options say otherwise. */
const TIMEOUT = 30_000;

/** Milliseconds between two tries, unless its options say otherwise. */
const INTERVAL = 50;

/** How long, and how often, something is tried. */
export interface EventuallyOptions {
  /** Milliseconds after which it fails; `Infinity` for never. @default 30000 */
  readonly timeout?: number | undefined;
  /** Milliseconds from the end of a try to the next one. @default 50 */
  readonly interval?: number | undefined;
  /** Aborting rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Calls `check` until it does not throw or reject, and resolves to its value. When the time is over,
 * it throws a `TimeoutError` that says how often it was tried; what the last try threw is the error's
 * `cause`. A try that has not ended by then is not waited for.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster, eventually } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const node = await cluster.addNode();
 * await using process = await node.spawn("sh", ["-c", "sleep 0.1; echo ready >state"]);
 * const state = await eventually(() => node.readTextFile("state"), { timeout: 10_000 });
 * strictEqual(state.trim(), "ready");
 * ```
 */
export async function eventually<T>(
  check: () => T | PromiseLike<T>,
  options: EventuallyOptions = {},
): Promise<T> {
  const { timeout = TIMEOUT, interval = INTERVAL, signal } = options;
  checkDuration("timeout", timeout);
  checkDuration("interval", interval);
  signal?.throwIfAborted();
  using deadline = new Deadline(timeout, [signal]);
  let tries = 0;
  let last: unknown;
  for (;;) {
    try {
      tries++;
      return await unlessAborted(Promise.try(check), deadline.signal);
    } catch (error) {
      signal?.throwIfAborted();
      // What the deadline cut off says nothing of the check: the try before it may have.
      if (!deadline.isOver) last = error;
    }
    await delay(interval, deadline.signal).catch(() => {});
    signal?.throwIfAborted();
    if (deadline.isOver) throw new TimeoutError({ timeout, tries, last });
  }
}

/** Something that was waited for did not happen in time. */
export class TimeoutError extends Error {
  /** `"TimeoutError"`. */
  override readonly name = "TimeoutError";
  /** Milliseconds that were waited. */
  readonly timeout: number;
  /** How often it was tried. */
  readonly tries: number;

  /** @ignore */
  constructor({ timeout, tries, last }: { timeout: number; tries: number; last: unknown }) {
    const often = tries === 1 ? "once" : `${tries} times`;
    const seen = last === undefined
      ? "no try ended"
      : `the last try failed with: ${describe(last)}`;
    super(`It did not succeed within ${timeout} ms, tried ${often}; ${seen}`, { cause: last });
    this.timeout = timeout;
    this.tries = tries;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : Deno.inspect(error);
}

function checkDuration(name: string, value: unknown): void {
  if (typeof value !== "number") {
    throw new TypeError(`${name} must be a number of milliseconds, not ${Deno.inspect(value)}`);
  }
  if (!(value >= 0)) throw new RangeError(`${name} must be at least 0, not ${value}`);
}
