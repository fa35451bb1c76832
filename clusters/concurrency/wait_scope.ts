import { AsyncLocalStorage } from "node:async_hooks";
import type { Emit } from "../events/mod.ts";

/** A wait whose tries may concern nodes of any cluster. */
export interface WaitInProgress {
  /** Takes a signal whose abort ends the wait. */
  readonly follow: (signal: AbortSignal) => void;
  /** Takes what puts events on the stream of a cluster that the wait concerns. */
  readonly tell: (emit: Emit) => void;
  /** Takes the waits of a node that it concerns: it is one of them until it ends. */
  readonly join: (waits: Set<OpenWait>) => void;
}

/** A wait that has not ended. */
export interface OpenWait {
  /** When it began, as `performance.now()` gives it. */
  readonly started: number;
  /** Gives an error that tells of the wait the stack of where the wait was begun. */
  readonly lendStack: (error: Error) => Error;
}

/** The wait in whose try the current code runs, also after it has awaited something. */
const scope = new AsyncLocalStorage<WaitInProgress>();

/** Does a try of a wait: {@linkcode joinWait} passes on to `wait` what is passed to it meanwhile. */
export function duringWait<T>(wait: WaitInProgress, attempt: () => T): T {
  return scope.run(wait, attempt);
}

/** What concerns a wait: each part of it is left out where there is none. */
export interface WaitConcern {
  /** That of a cluster. */
  readonly signal: AbortSignal | undefined;
  /** Puts events on the stream of that cluster. */
  readonly emit: Emit | undefined;
  /** The waits of a node. */
  readonly waits?: Set<OpenWait> | undefined;
}

/**
 * Within a try of a wait, makes the wait end when the signal of a cluster aborts, tell of itself among the
 * events of that cluster, and be among the waits of a node. Elsewhere it does nothing.
 */
export function joinWait({ signal, emit, waits }: WaitConcern): void {
  const wait = scope.getStore();
  if (signal) wait?.follow(signal);
  if (emit) wait?.tell(emit);
  if (waits) wait?.join(waits);
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
