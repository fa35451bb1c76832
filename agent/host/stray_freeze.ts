import { findStrays, freezeStrays, signalQuietly, type StrayTraits } from "./stray_processes.ts";

/**
 * Stops all processes with some traits, and lets those go on that it has stopped: what stood still
 * before, of itself or within another freeze, stands still afterwards as well.
 */
export class StrayFreeze {
  readonly #traits: StrayTraits;
  /** Those that were found, and whether they stood still before. */
  readonly #stoodStill = new Map<number, boolean>();
  #latest: Promise<unknown> = Promise.resolve();

  /** Stops nothing yet. */
  constructor(traits: StrayTraits) {
    this.#traits = traits;
  }

  /**
   * Stops them, also those that have come since the last time; resolves to how many there are. Throws, and
   * lets them go on, when some cannot be stopped, and names them.
   */
  freeze(): Promise<number> {
    return this.#inTurn(async () => {
      try {
        await freezeStrays(this.#traits, this.#stoodStill);
      } catch (error) {
        await this.#thaw();
        throw error;
      }
      return (await findStrays(this.#traits)).length;
    });
  }

  /** Lets them go on. Does nothing where nothing was stopped. */
  thaw(): Promise<void> {
    return this.#inTurn(() => this.#thaw());
  }

  async #thaw(): Promise<void> {
    if (this.#stoodStill.size === 0) return;
    // What was found then may have no traits any more, for its parent has ended.
    const found = new Set([...this.#stoodStill.keys(), ...await findStrays(this.#traits)]);
    for (const pid of found) if (!this.#stoodStill.get(pid)) signalQuietly(pid, "SIGCONT");
    this.#stoodStill.clear();
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#latest.then(work);
    this.#latest = turn.catch(() => {});
    return turn;
  }
}
