/**
 * Calls `callback` after some milliseconds, unless the result is disposed before. It is for what goes on
 * beside tests that share a cluster: the sanitizers of `deno test` hold a test responsible for each timer
 * that begins, or comes to its end, while it runs, and know nothing of waiting for a cell of memory. It
 * does not keep a program from ending.
 */
export function startBackgroundTimer(milliseconds: number, callback: () => void): Disposable {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  // Without time to wait, it would not wait at all.
  const waiting = Atomics.waitAsync(cell, 0, 0, Math.max(1, milliseconds));
  if (!waiting.async) throw new RangeError("Cannot start a timer: its cell has changed");
  waiting.value.then((end) => {
    if (end === "timed-out") callback();
  });
  return { [Symbol.dispose]: () => void Atomics.notify(cell, 0) };
}
