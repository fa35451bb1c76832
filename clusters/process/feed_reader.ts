import type { OutputFeed } from "../../agent/host/host.ts";
import type { ProcessRecord } from "../record/mod.ts";

/** Puts what a feed brings into the records of the processes that it is about. */
export class FeedReader<F extends OutputFeed = OutputFeed> implements AsyncDisposable {
  /** What is read. */
  readonly feed: F;
  readonly #records = new Map<number, ProcessRecord>();
  /** Resolve the calls that wait for the end of a flush, in turn. */
  readonly #flushes: (() => void)[] = [];
  readonly #reading: Promise<void>;

  constructor(feed: F) {
    this.feed = feed;
    this.#reading = this.#readAll();
  }

  /** Puts the outputs with this number into this record. */
  add(key: number, record: ProcessRecord): void {
    if (!record.isComplete) this.#records.set(key, record);
  }

  /** Ignores outputs with this number. */
  delete(key: number): void {
    this.#records.delete(key);
  }

  /** Resolves when the records have all that was written until now, or nothing can come any more. */
  async flush(): Promise<void> {
    if (this.#records.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#flushes.push(resolve);
    this.feed.flush();
    await Promise.race([promise, this.#reading]);
  }

  /** Ends the feed; resolves when the records have all that it has brought. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.feed[Symbol.asyncDispose]();
    await this.#reading;
  }

  async #readAll(): Promise<void> {
    try {
      for await (const item of this.feed.records) {
        if (item === "flushed") this.#flushes.shift()?.();
        else {
          const record = this.#records.get(item.key);
          record?.take(item);
          if (record?.isComplete) this.#records.delete(item.key);
        }
      }
    } catch {
      // The host is gone, which fails the calls that use it.
    }
    for (const record of this.#records.values()) record.end();
    this.#records.clear();
  }
}
