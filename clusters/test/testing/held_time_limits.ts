/** Milliseconds that no timer has but those of the time limits here. */
const FIRST = 1_000_001;

/**
 * Time limits of tests that are over when they are told to be, however long a busy machine takes to
 * come as far: until it is disposed, the timers for their milliseconds do not run by themselves.
 */
export class HeldTimeLimits implements Disposable {
  readonly #setTimeout = globalThis.setTimeout;
  readonly #callbacks = new Map<number, Parameters<typeof setTimeout>[0]>();
  #next = FIRST;

  constructor() {
    const hold = (...timer: Parameters<typeof setTimeout>) => {
      const [callback, milliseconds = 0] = timer;
      if (!this.#isOurs(milliseconds)) return this.#setTimeout(...timer);
      this.#callbacks.set(milliseconds, callback);
      // Clearing it has no effect, which is what the end of a timer that has not begun takes.
      return 0;
    };
    globalThis.setTimeout = Object.assign(hold, this.#setTimeout) as typeof setTimeout;
  }

  /** A limit of its own for one test, in milliseconds. */
  next(): number {
    return this.#next++;
  }

  /** Has the time of the test be over that has this limit, once what happens now has been dealt with. */
  reach(limit: number): void {
    const callback = this.#callbacks.get(limit);
    if (!callback) throw new Error(`No test that runs has the time limit ${limit}`);
    this.#setTimeout(callback, 0);
  }

  /** Timers are what they were. */
  [Symbol.dispose](): void {
    globalThis.setTimeout = this.#setTimeout;
  }

  #isOurs(milliseconds: number): boolean {
    return milliseconds >= FIRST && milliseconds < this.#next;
  }
}
