import { startTimer } from "./timer.ts";

/**
 * Resolves after some milliseconds, never after `Infinity`; rejects with the reason of `signal` when it
 * aborts. The namesake of `node:timers/promises` misses an abort in the moment of its very first call.
 */
export function delay(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (signal?.aborted) reject(signal.reason);
  const abort = () => reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const timer = startTimer(milliseconds, resolve);
  return promise.finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  });
}
