import { unlessAborted } from "../concurrency/mod.ts";

/** Work that is done one after the other, in the order in which it was asked for. */
export class Turns {
  #latest: Promise<unknown> = Promise.resolve();

  /**
   * Does work once all that was asked for before has ended, however it did. Aborting `signal` leaves it
   * out while it waits, and then rejects at once; work that has begun is left to itself.
   */
  async take<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { promise: end, resolve } = Promise.withResolvers<void>();
    const before = this.#latest;
    this.#latest = before.then(() => end);
    try {
      await (signal ? unlessAborted(before, signal) : before);
      signal?.throwIfAborted();
      return await work();
    } finally {
      resolve();
    }
  }
}
