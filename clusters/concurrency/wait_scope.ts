import { AsyncLocalStorage } from "node:async_hooks";

/** Takes a signal whose abort ends the wait. */
export type FollowSignal = (signal: AbortSignal) => void;

/** Belongs to the wait in whose try the current code runs, also after it has awaited something. */
const scope = new AsyncLocalStorage<FollowSignal>();

/** Does a try of a wait: signals that are passed to {@linkcode endWaitBy} within it are passed to `follow`. */
export function duringWait<T>(follow: FollowSignal, attempt: () => T): T {
  return scope.run(follow, attempt);
}

/** Within a try of a wait, makes the wait end when the signal aborts; elsewhere it does nothing. */
export function endWaitBy(signal: AbortSignal | undefined): void {
  if (signal) scope.getStore()?.(signal);
}

/** Aborts as soon as one of the followed signals does. */
export class FollowedSignals implements Disposable {
  readonly #followed = new Set<AbortSignal>();
  readonly #controller = new AbortController();

  /** Aborts with the reason of the first one. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Follows another signal. */
  readonly follow = (signal: AbortSignal): void => {
    if (this.#followed.has(signal)) return;
    this.#followed.add(signal);
    if (signal.aborted) this.#controller.abort(signal.reason);
    const abort = () => this.#controller.abort(signal.reason);
    // The listener goes with the wait.
    signal.addEventListener("abort", abort, { once: true, signal: this.#over.signal });
  };

  readonly #over = new AbortController();

  /** Stops following signals. */
  [Symbol.dispose](): void {
    this.#over.abort();
  }
}
