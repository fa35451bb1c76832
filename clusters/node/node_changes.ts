/** How often the test has killed, started, restarted, paused or resumed a node. */
export class NodeChanges {
  #begun = 0;
  #ended = 0;

  /** How many of these changes have begun. */
  get begun(): number {
    return this.#begun;
  }

  /** How many have ended, whatever came of them. */
  get ended(): number {
    return this.#ended;
  }

  /** Makes one. */
  async during<T>(change: () => Promise<T>): Promise<T> {
    this.#begun++;
    try {
      return await change();
    } finally {
      this.#ended++;
    }
  }
}
