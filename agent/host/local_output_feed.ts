import { startBackgroundTimer } from "../background_timer.ts";
import { FollowedOutput, type FollowedSource, type OutputObserver } from "./followed_output.ts";
import { type FeedItem, type FollowOptions, OUTPUT_RATE, type OutputFeed } from "./host.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Bytes of one record. */
const MAX_RECORD = 64 * 1024;

/** Bytes that are held for a reader who does not come, for all outputs together. */
const MAX_HELD = 8 * 1024 * 1024;

/** Milliseconds between two records of one output that goes on and on. */
const PACE = 20;

/** Milliseconds after which the latest part of an output that is too fast is taken. */
const LIMITED_PACE = 500;

/** Makes the observer of one output of a process. */
export type FollowOutput = (output: FollowedSource) => OutputObserver;

/** What outputs have to bring before a flush is over: how much, by output. */
type Flush = ReadonlyMap<FollowedOutput, number>;

/**
 * What processes write, for one reader, in records. Outputs that are quiet cost nothing: there is one
 * timer for all of them, and only while some have more to bring.
 */
export class LocalOutputFeed implements OutputFeed {
  readonly records: ReadableStream<FeedItem>;
  readonly #rate: number;
  /** Those of each process that are not done. */
  readonly #outputs = new Map<number, Set<FollowedOutput>>();
  /** Those that have something for the reader, in the order of their turns. */
  readonly #ready = new Set<FollowedOutput>();
  /** When each of those that have to wait is looked at again. */
  readonly #waiting = new Map<FollowedOutput, number>();
  #held = 0;
  /** Those that the reader has not seen the ends of yet. */
  readonly #flushes: Flush[] = [];
  #timer: Disposable | undefined;
  #wake = () => {};
  #isClosed = false;

  constructor({ rate = OUTPUT_RATE }: FollowOptions = {}) {
    this.#rate = rate;
    this.records = new ReadableStream({
      pull: (controller) => this.#pull(controller),
      cancel: () => this.#close(),
    }, { highWaterMark: 0 });
  }

  /** Follows the outputs of one process. */
  follow(key: number): FollowOutput {
    const bucket = new TokenBucket(this.#rate);
    const outputs = new Set<FollowedOutput>();
    return (source) => {
      this.#outputs.set(key, outputs);
      const output = new FollowedOutput({ key, bucket, ...source }, {
        ready: (output, urgency) => this.#schedule(output, urgency),
        limited: (output) => this.#lookLater(output, performance.now() + LIMITED_PACE),
        kept: (bytes) => void (this.#held += bytes),
        room: () => Math.max(0, MAX_HELD - this.#held),
      });
      outputs.add(output);
      return output;
    };
  }

  // deno-lint-ignore require-await -- the contract is that of a host far away
  async attend(key: number, isAttended: boolean): Promise<void> {
    for (const output of this.#outputs.get(key) ?? []) output.attend(isAttended && !this.#isClosed);
  }

  flush(): void {
    // A round of the event loop, so that what stands in pipes by now was read.
    setTimeout(() => {
      for (const output of [...this.#waiting.keys()]) output.flush();
      this.#flushes.push(new Map([...this.#ready].map((output) => [output, output.end])));
      this.#wake();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    await Promise.resolve();
  }

  async #pull(controller: ReadableStreamDefaultController<FeedItem>): Promise<void> {
    for (;;) {
      if (this.#isClosed) return controller.close();
      const item = this.#next();
      if (item) return controller.enqueue(item);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  #next(): FeedItem | undefined {
    const flush = this.#flushes[0];
    // Not after all that there is: an output that is attended may never come to an end.
    if (flush && [...flush].every(([output, end]) => output.taken >= end || !output.isReady)) {
      this.#flushes.shift();
      return "flushed";
    }
    for (const output of this.#ready) {
      this.#ready.delete(output);
      const record = output.take(MAX_RECORD);
      if (output.isReady) this.#ready.add(output);
      if (!record) continue;
      this.#held -= record.bytes.length;
      if (output.isDone) this.#forget(record.key, output);
      return record;
    }
    return undefined;
  }

  #forget(key: number, output: FollowedOutput): void {
    const outputs = this.#outputs.get(key);
    outputs?.delete(output);
    if (outputs?.size === 0) this.#outputs.delete(key);
  }

  #schedule(output: FollowedOutput, urgency: "soon" | "now"): void {
    if (this.#isClosed || this.#ready.has(output)) return;
    const due = output.takenAt + PACE;
    if (urgency === "soon" && performance.now() < due) return this.#lookLater(output, due);
    this.#ready.add(output);
    this.#wake();
  }

  #lookLater(output: FollowedOutput, due: number): void {
    if (this.#isClosed) return;
    this.#waiting.set(output, due);
    this.#timer ??= startBackgroundTimer(PACE, () => this.#look());
  }

  /** Looks at those whose time has come. */
  #look(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const [output, due] of [...this.#waiting]) {
      if (due > now) continue;
      this.#waiting.delete(output);
      output.goOn();
      if (output.isReady) this.#schedule(output, "now");
    }
    if (this.#waiting.size > 0) this.#timer ??= startBackgroundTimer(PACE, () => this.#look());
  }

  #stopLooking(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #close(): void {
    this.#isClosed = true;
    for (const output of [...this.#outputs.values()].flatMap((each) => [...each])) {
      output.attend(false);
    }
    this.#outputs.clear();
    this.#ready.clear();
    this.#waiting.clear();
    this.#stopLooking();
    this.#wake();
  }
}
