import { AsyncLocalStorage } from "node:async_hooks";
import type { Emit } from "../events/mod.ts";

/** A wait whose tries may concern nodes of any cluster. */
export interface WaitInProgress {
  /** Takes a signal whose abort ends the wait. */
  readonly follow: (signal: AbortSignal) => void;
  /** Takes what puts events on the stream of a cluster that the wait concerns. */
  readonly tell: (emit: Emit) => void;
}

/** The wait in whose try the current code runs, also after it has awaited something. */
const scope = new AsyncLocalStorage<WaitInProgress>();

/** Does a try of a wait: {@linkcode joinWait} passes on to `wait` what is passed to it meanwhile. */
export function duringWait<T>(wait: WaitInProgress, attempt: () => T): T {
  return scope.run(wait, attempt);
}

/**
 * Within a try of a wait, makes the wait end when the signal of a cluster aborts, and tell of itself among
 * the events of that cluster. Elsewhere it does nothing.
 */
export function joinWait(
  { signal, emit }: { readonly signal: AbortSignal | undefined; readonly emit: Emit | undefined },
): void {
  const wait = scope.getStore();
  if (signal) wait?.follow(signal);
  if (emit) wait?.tell(emit);
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
