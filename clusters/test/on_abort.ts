/** Calls `callback` when a signal aborts, at once if it has, until the result is disposed. */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): Disposable {
  const abort = () => callback();
  if (signal?.aborted) abort();
  else signal?.addEventListener("abort", abort, { once: true });
  return { [Symbol.dispose]: () => signal?.removeEventListener("abort", abort) };
}
