import { unlessAborted } from "../../agent/unless_aborted.ts";

/** Work that is done once for all callers, and whose result stays. */
export class SharedWork {
  readonly #done = new Map<string, Promise<unknown>>();

  /**
   * Resolves to the result of `work`, which is done once for all callers with this `key`. If `signal`
   * aborts, this caller rejects, and the work goes on for the others. Work that has failed is done again
   * for the next caller.
   */
  once<T>(key: string, work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    return unlessAborted(this.#once(key, work), signal);
  }

  /** Waits until no work is in flight any more. Idempotent. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#done.values());
  }

  #once<T>(key: string, work: () => Promise<T>): Promise<T> {
    const known = this.#done.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const done = work();
    this.#done.set(key, done);
    done.catch(() => this.#done.delete(key));
    return done;
  }
}
