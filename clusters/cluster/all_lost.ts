/** Aborts once all of some signals have; at once if there are none. */
export class AllLost implements Disposable {
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  readonly #signals: readonly AbortSignal[];
  readonly #look = () => {
    if (!this.#signals.every(({ aborted }) => aborted)) return;
    this.#controller.abort(new Error("no node of it is left"));
  };

  /** `signals` are those of nodes. */
  constructor(signals: readonly AbortSignal[]) {
    this.signal = this.#controller.signal;
    this.#signals = signals;
    for (const signal of signals) signal.addEventListener("abort", this.#look);
    this.#look();
  }

  [Symbol.dispose](): void {
    for (const signal of this.#signals) signal.removeEventListener("abort", this.#look);
  }
}
