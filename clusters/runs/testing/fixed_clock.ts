/** Has `Date.now()` stand still, until it is told to go on, or is disposed of. */
export class FixedClock implements Disposable {
  readonly #now = Date.now;

  constructor() {
    const start = Date.now();
    Date.now = () => start;
  }

  /** Lets some milliseconds pass. */
  pass(milliseconds: number): void {
    const next = Date.now() + milliseconds;
    Date.now = () => next;
  }

  [Symbol.dispose](): void {
    Date.now = this.#now;
  }
}
