import type { Host, HostSample } from "../../agent/host/host.ts";
import { settledWithin } from "../../agent/settled_within.ts";
import type { LifeFollower } from "../calls/mod.ts";

/** Milliseconds that the end of what is followed may take: the node may be gone. */
const END_TIMEOUT = 500;

/** Milliseconds that the last sample may take of a node that is about to end: a busy one answers late. */
const LAST_TIMEOUT = 3_000;

/** Milliseconds between samples. */
const INTERVAL = 1_000;

/** Whose metrics are followed. */
export interface MetricsFollowerOptions {
  readonly host: Host;
  /** Samples that come together. */
  readonly batch: number;
  readonly onSample: (sample: HostSample) => void;
}

/** Takes what a node uses, as long as it is up, in the background. What fails is not recorded, and harms nothing. */
export class MetricsFollower implements LifeFollower, AsyncDisposable {
  readonly #options: MetricsFollowerOptions;
  /** Ends the one that goes on. */
  #end: () => Promise<void> = () => Promise.resolve();
  #reading: Promise<void> = Promise.resolve();
  /** Of the one that goes on. */
  #over = new AbortController();
  /** Nothing begins any more. */
  #isOver = false;

  /** Begins at once. */
  constructor(options: MetricsFollowerOptions) {
    this.#options = options;
    this.#begin();
  }

  /** Whoever has killed the node does not wait for what its agent still says. */
  down(): void {
    void this.#end();
  }

  /** The node may be another one now, with counters of its own. */
  up(): Promise<void> {
    void this.#end();
    this.#begin();
    return Promise.resolve();
  }

  /** Takes what the node has used until now, within a bound, and goes on. */
  async flush(): Promise<void> {
    this.#over.abort();
    await settledWithin(LAST_TIMEOUT, this.#reading);
    void this.#end();
    if (!this.#isOver) this.#begin();
  }

  /** Takes what the node has used until now, within a bound; nothing more comes of it. */
  async finish(): Promise<void> {
    this.#isOver = true;
    this.#over.abort();
    await settledWithin(LAST_TIMEOUT, this.#reading);
  }

  /** Ends it, within a bound. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await settledWithin(END_TIMEOUT, this.#end());
  }

  #begin(): void {
    const { host, batch } = this.#options;
    this.#over = new AbortController();
    const until = this.#over.signal;
    const reader = host.metrics.follow({ interval: INTERVAL, batch, until }).getReader();
    const reading = this.#reading = this.#readAll(reader);
    this.#end = async () => {
      await reader.cancel().catch(() => {});
      await reading;
    };
  }

  async #readAll(reader: ReadableStreamDefaultReader<readonly HostSample[]>): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        for (const sample of value) this.#options.onSample(sample);
      }
    } catch {
      // The node is gone, or its system does not tell; who asks by `node.metrics()` hears why.
    }
  }
}
