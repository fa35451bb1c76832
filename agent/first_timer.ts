/**
 * Calls `callback` after some milliseconds, unless the result is disposed before, and keeps the program from
 * ending until then. It is for what an agent begins while it starts: the first `setTimeout()` of a program loads
 * timers of Node's, which takes a tenth of that start. One that is disposed of stays in the runtime until its
 * time has come, so it is not for what comes and goes often.
 */
export function startFirstTimer(milliseconds: number, callback: () => void): Disposable {
  const time = AbortSignal.timeout(Math.ceil(milliseconds));
  time.addEventListener("abort", callback, { once: true });
  return { [Symbol.dispose]: () => time.removeEventListener("abort", callback) };
}
