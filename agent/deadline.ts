import { startTimer } from "./timer.ts";

/**
 * A bound for what is done in its scope. It is disposed at the end of that: the timer of
 * `AbortSignal.timeout()` would go on, and keep a program that has nothing left to do from ending.
 */
export class Deadline implements Disposable {
  /** Aborts when the time is over, or with one of the signals that were given. */
  readonly signal: AbortSignal;
  readonly #late = new AbortController();
  readonly #timer: ReturnType<typeof startTimer>;

  /** `reason` makes what it aborts with when the time is over; with `Infinity` it never is. */
  constructor(
    milliseconds: number,
    signals: readonly (AbortSignal | undefined)[] = [],
    reason: () => Error = () => tooLate(milliseconds),
  ) {
    const given = signals.filter((signal) => signal !== undefined);
    this.signal = AbortSignal.any([this.#late.signal, ...given]);
    this.#timer = startTimer(milliseconds, () => this.#late.abort(reason()));
  }

  /** Whether the time is over, rather than a signal aborted. */
  get isOver(): boolean {
    return this.#late.signal.aborted;
  }

  /** Ends the timer. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

function tooLate(milliseconds: number): DOMException {
  return new DOMException(`It took more than ${milliseconds} ms`, "TimeoutError");
}
