/**
 * Waits for work that cannot be interrupted until a signal aborts.
 *
 * Rejects with the reason of `signal`, unchanged, as soon as it aborts; an aborted signal starts
 * nothing. A result that comes later is passed to `discard`, so that nothing stays open.
 */
export async function abortable<T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
  discard?: (late: T) => unknown,
): Promise<T> {
  signal?.throwIfAborted();
  return await (signal ? raced(signal, work(), discard) : work());
}

function raced<T>(
  signal: AbortSignal,
  work: Promise<T>,
  discard?: (late: T) => unknown,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason);
      // What cannot be undone is still open: the end of the host closes it, or says that it cannot.
      work.then(discard).catch(() => {});
    };
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
