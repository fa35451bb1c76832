import { AsyncLocalStorage } from "node:async_hooks";

/** Takes a signal whose abort ends the wait. */
export type FollowSignal = (signal: AbortSignal) => void;

/** Of the wait in which code runs, whatever that has awaited since. */
const scope = new AsyncLocalStorage<FollowSignal>();

/** Does a try of a wait: signals that {@linkcode endWaitBy} is given in it are told to `follow`. */
export function duringWait<T>(follow: FollowSignal, attempt: () => T): T {
  return scope.run(follow, attempt);
}

/** If this is done for a try of a wait, that wait is to end when the signal aborts. */
export function endWaitBy(signal: AbortSignal | undefined): void {
  if (signal) scope.getStore()?.(signal);
}

/** Aborts as soon as one of the signals does that it follows. */
export class FollowedSignals implements Disposable {
  readonly #followed = new Set<AbortSignal>();
  readonly #controller = new AbortController();

  /** Aborts with the reason of the first one. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Follows another one. */
  readonly follow = (signal: AbortSignal): void => {
    if (this.#followed.has(signal)) return;
    this.#followed.add(signal);
    if (signal.aborted) this.#controller.abort(signal.reason);
    const abort = () => this.#controller.abort(signal.reason);
    // The listener goes with the wait.
    signal.addEventListener("abort", abort, { once: true, signal: this.#over.signal });
  };

  readonly #over = new AbortController();

  /** Follows none any more. */
  [Symbol.dispose](): void {
    this.#over.abort();
  }
}
