/** The spans that are open, by what their ends will name: several may have one name. */
export class OpenSpans {
  readonly #open = new Map<string, readonly number[]>();

  /** All of them, in the order in which they began. */
  get all(): number[] {
    return [...this.#open.values()].flat().sort((a, b) => a - b);
  }

  /** A span begins. */
  add(key: string, span: number): void {
    this.#open.set(key, [...this.#open.get(key) ?? [], span]);
  }

  /** Forgets all of them. */
  clear(): void {
    this.#open.clear();
  }

  /** The span that began first under a key, which is open no more; `undefined` if there is none. */
  take(key: string): number | undefined {
    const [span, ...others] = this.#open.get(key) ?? [];
    if (others.length > 0) this.#open.set(key, others);
    else this.#open.delete(key);
    return span;
  }
}
