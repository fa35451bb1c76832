import { setImmediate } from "node:timers";
import type { OutputFeed } from "../../agent/host/host.ts";
import type { LiveOutputs } from "./live_outputs.ts";

/** Passes on what a feed brings to those who take the outputs of the processes that it is about. */
export class FeedReader<F extends OutputFeed = OutputFeed> implements AsyncDisposable {
  /** What is read. */
  readonly feed: F;
  readonly #outputs = new Map<number, LiveOutputs>();
  /** Resolve the calls that wait for the end of a flush, in turn. */
  readonly #flushes: (() => void)[] = [];
  readonly #reading: Promise<void>;

  constructor(feed: F) {
    this.feed = feed;
    this.#reading = this.#readAll();
  }

  /** Passes on the outputs with this number to these. */
  add(key: number, outputs: LiveOutputs): void {
    if (!outputs.isComplete) this.#outputs.set(key, outputs);
  }

  /** Ignores outputs with this number. */
  delete(key: number): void {
    this.#outputs.delete(key);
  }

  /** Resolves when they have all that was written until now, or nothing can come any more. */
  async flush(): Promise<void> {
    if (this.#outputs.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#flushes.push(resolve);
    this.feed.flush();
    await Promise.race([promise, this.#reading]);
  }

  /** Ends the feed; resolves when all that it has brought was passed on. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.feed[Symbol.asyncDispose]();
    await this.#reading;
  }

  async #readAll(): Promise<void> {
    try {
      for await (const item of this.feed.records) {
        if (item === "flushed") this.#flushes.shift()?.();
        else {
          const outputs = this.#outputs.get(item.key);
          outputs?.take(item);
          if (outputs?.isComplete) this.#outputs.delete(item.key);
          // Before the next one: so a reader of lines keeps up who waits for nothing else in between.
          if (outputs?.isBehind) await new Promise((go) => setImmediate(go));
        }
      }
    } catch {
      // The host is gone, which fails the calls that use it.
    }
    for (const outputs of this.#outputs.values()) outputs.close();
    this.#outputs.clear();
  }
}
