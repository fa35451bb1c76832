import type { HostConnection } from "../../agent/host/host.ts";
import { unlessAborted } from "../concurrency/mod.ts";

/** The next connection of a listener. */
type Next = Promise<IteratorResult<HostConnection>>;

/** Hands the connections of a listener to waiting calls. A call that is aborted loses no connection. */
export class AcceptQueue implements AsyncDisposable {
  readonly #connections: AsyncIterator<HostConnection>;
  readonly #waiting: PromiseWithResolvers<IteratorResult<HostConnection>>[] = [];
  /** Connections that arrived for calls that were aborted: the next calls get them. */
  readonly #unclaimed: Next[] = [];
  #asked = 0;
  #closed = false;

  constructor(connections: AsyncIterable<HostConnection>) {
    this.#connections = connections[Symbol.asyncIterator]();
  }

  /** The next connection; the oldest call gets it. */
  async next(signal: AbortSignal): Next {
    signal.throwIfAborted();
    const unclaimed = this.#unclaimed.shift();
    if (unclaimed) return await unclaimed;
    const waiter = Promise.withResolvers<IteratorResult<HostConnection>>();
    this.#waiting.push(waiter);
    if (this.#asked < this.#waiting.length) this.#ask();
    try {
      return await unlessAborted(waiter.promise, signal);
    } catch (error) {
      const place = this.#waiting.indexOf(waiter);
      if (place >= 0) this.#waiting.splice(place, 1);
      throw error;
    }
  }

  /** Closes the connections that nobody has taken. The listener must have been closed before. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#unclaimed.splice(0).map(discard));
  }

  #ask(): void {
    this.#asked++;
    const next = this.#connections.next();
    const give = () => {
      this.#asked--;
      const waiter = this.#waiting.shift();
      if (waiter) waiter.resolve(next);
      else if (this.#closed) void discard(next);
      else this.#unclaimed.push(next);
    };
    next.then(give, give);
  }
}

async function discard(next: Next): Promise<void> {
  const connection = await next.then(({ value }) => value, () => undefined);
  await connection?.[Symbol.asyncDispose]();
}
