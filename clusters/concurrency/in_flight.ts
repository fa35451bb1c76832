/** Work that has begun and not ended: disposal waits for it first. */
export class InFlight {
  readonly #work = new Set<Promise<unknown>>();

  /** Counts work until it ends; resolves or rejects as it does. */
  async track<T>(work: Promise<T>): Promise<T> {
    this.#work.add(work);
    try {
      return await work;
    } finally {
      this.#work.delete(work);
    }
  }

  /** Waits until all of it has ended, however it did. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#work);
  }
}
