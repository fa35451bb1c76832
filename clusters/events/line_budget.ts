/** How many lines may be shown in each second, counted from the first of them. */
export class LineBudget {
  readonly #rate: number;
  #since = -Infinity;
  #taken = 0;

  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Takes one, if there is one left. */
  take(): boolean {
    const now = performance.now();
    if (now - this.#since >= 1_000) {
      this.#since = now;
      this.#taken = 0;
    }
    if (this.#taken === this.#rate) return false;
    this.#taken++;
    return true;
  }
}
