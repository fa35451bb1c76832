import { emitAfter } from "../calls/mod.ts";
import type { Emit } from "../events/mod.ts";
import type { Tries } from "./tries.ts";

/** What events say of a wait. */
export interface ToldWait {
  /** As errors name it. */
  readonly call: string;
  /** Milliseconds after which it fails. */
  readonly timeout: number;
  /** Lines of the author's code that have begun it. */
  readonly places: () => readonly string[];
  readonly tries: Tries;
}

/** Tells clusters of a wait, each as soon as a try concerns it: before that nobody knows of which they are. */
export class WaitEvents {
  readonly #wait: ToldWait;
  readonly #told = new Set<Emit>();
  #isOver = false;

  constructor(wait: ToldWait) {
    this.#wait = wait;
  }

  /** Tells a cluster that the wait has begun, unless it knows, or the wait is over. */
  readonly tell = (emit: Emit): void => {
    if (this.#isOver || this.#told.has(emit)) return;
    this.#told.add(emit);
    const { call, timeout, places } = this.#wait;
    emit({ type: "wait-started", call, timeout, places: places() });
  };

  /** Does the wait, and tells those who know of it how it has ended. */
  during<T>(wait: () => Promise<T>): Promise<T> {
    return emitAfter(wait, (end) => {
      this.#isOver = true;
      const { call, tries: { count: tries } } = this.#wait;
      for (const emit of this.#told) emit({ type: "wait-ended", call, tries, ...end });
    });
  }
}
