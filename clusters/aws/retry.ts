import { delay } from "../../agent/delay.ts";
import { errorCode, isThrottled, isTransient } from "./error_code.ts";

/** One try of a call, as the SDK's clients take it. */
export type Attempt<T> = (options: { readonly abortSignal: AbortSignal }) => Promise<T>;

/** How a call is repeated. */
export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Codes of errors that go away by waiting, besides those that always do. */
  readonly retryOn: readonly string[];
}

/** Tries of a call that AWS throttles, and of one that fails otherwise. */
const TRIES = { throttled: 12, failed: 5 };

/** Milliseconds of the first pause, which doubles, and of the longest. */
const PAUSES = { first: 300, longest: 15_000 };

/**
 * Repeats a call that may succeed later, with pauses that become longer and are random, so that
 * runners which were throttled together do not call again together.
 */
export async function retry<T>(
  attempt: Attempt<T>,
  { signal, retryOn }: RetryOptions,
): Promise<T> {
  for (let tries = 1;; tries++) {
    signal.throwIfAborted();
    try {
      return await attempt({ abortSignal: signal });
    } catch (error) {
      if (signal.aborted || tries >= triesFor(error, retryOn)) throw error;
    }
    await delay(pauseAfter(tries), signal);
  }
}

function triesFor(error: unknown, retryOn: readonly string[]): number {
  if (isThrottled(error) || retryOn.includes(errorCode(error))) return TRIES.throttled;
  return isTransient(error) ? TRIES.failed : 1;
}

/** Milliseconds to wait after some tries: anything up to a bound, but not next to nothing. */
export function pauseAfter(tries: number): number {
  const bound = Math.min(PAUSES.longest, PAUSES.first * 2 ** (tries - 1));
  return bound * (0.25 + 0.75 * Math.random());
}
