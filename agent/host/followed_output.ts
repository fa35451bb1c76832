import { MAX_ATTENDED, type OutputRecord } from "./host.ts";
import { joined } from "./joined.ts";
import type { OutputSource } from "./output_ring.ts";
import type { TokenBucket } from "./token_bucket.ts";

/** Bytes from the end of an output that are recorded however fast it came. */
const LAST_PART = 256 * 1024;

/**
 * What an observer asks for: nothing, so that the output is read at the pace that it has anyway; more of
 * it, also ahead of its reader; or that nothing is read before the observer has had what came.
 */
export type OutputDemand = "none" | "more" | "full";

/** Observes what happens to an output. */
export interface OutputObserver {
  /** What it asks for now. */
  readonly demand: OutputDemand;
  /** Bytes came. */
  changed(): void;
  /** The process has ended: what comes from now on, and does not end the output, is the last. */
  processEnded(): void;
  /** No more will come. */
  ended(): void;
}

/** What an output that is followed asks of its feed. */
export interface FollowedOutputEvents {
  /** It has something for a reader: at once, or soon if it had something a moment ago. */
  ready(output: FollowedOutput, urgency: "soon" | "now"): void;
  /** It was too fast, and is to be looked at again when it may go on. */
  limited(output: FollowedOutput): void;
  /** So many bytes more are held until they are taken. */
  kept(bytes: number): void;
  /** Bytes that may be held besides what is, for all outputs of the feed together. */
  room(): number;
}

/** An output that may be followed. */
export interface FollowedSource {
  readonly name: "stdout" | "stderr";
  /** Where its bytes are. */
  readonly source: OutputSource;
  /** To be called when the observer asks for something else. @default nothing is read for it */
  readonly onDemand?: (() => void) | undefined;
}

/** Which output it is, and where its bytes are. */
export interface FollowedOutputOptions extends FollowedSource {
  readonly key: number;
  /** What its process may still bring. */
  readonly bucket: TokenBucket;
}

/** What was copied for the reader. */
interface Piece {
  /** Bytes before it that were left out. */
  readonly missing: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * One output on its way into a feed. As long as it is slow enough all of it is copied. Of one that is
 * too fast nothing is copied, until it is time to take the latest part of it and to count what is
 * missing before that: so what it costs is bounded, however much is written. While it is attended, all
 * of it is copied, and it is not read faster than the copies are taken.
 */
export class FollowedOutput implements OutputObserver {
  readonly #options: FollowedOutputOptions;
  readonly #events: FollowedOutputEvents;
  #state: "following" | "limited" | "attended" | "ended" | "done" = "following";
  #cursor = 0;
  /** Bytes that were copied and not taken. */
  #held = 0;
  /** Bytes that were taken, or left out before those. */
  #taken = 0;
  #pieces: Piece[] = [];
  #takenAt = -Infinity;

  constructor(options: FollowedOutputOptions, events: FollowedOutputEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** When something was last taken, by `performance.now()`. */
  get takenAt(): number {
    return this.#takenAt;
  }

  /** Bytes of the output that were taken, or left out. */
  get taken(): number {
    return this.#taken;
  }

  /** Bytes of the output that there are. */
  get end(): number {
    return this.#options.source.end;
  }

  get demand(): OutputDemand {
    if (this.#state !== "attended") return "none";
    return this.#cursor < this.end ? "full" : "more";
  }

  /** Whether nothing more will be taken. */
  get isDone(): boolean {
    return this.#state === "done";
  }

  /** Whether there is something to take. */
  get isReady(): boolean {
    return this.#pieces.length > 0 || this.#state === "ended";
  }

  /** All of it is to be brought, or no more than its bucket allows. */
  attend(isAttended: boolean): void {
    if (isAttended === (this.#state === "attended")) return;
    if (this.#state === "ended" || this.#state === "done") return;
    this.#state = isAttended ? "attended" : "following";
    // What was left to come is followed, or limited, as if it came now.
    if (isAttended) this.#keepAll(MAX_ATTENDED);
    else this.changed();
    this.#options.onDemand?.();
  }

  changed(): void {
    if (this.#state === "attended") return this.#keepAll(MAX_ATTENDED);
    if (this.#state !== "following") return;
    const { source, bucket } = this.#options;
    const pending = source.end - this.#cursor;
    const allowed = bucket.take(Math.min(pending, this.#events.room()));
    this.#keep(this.#cursor, this.#cursor + allowed);
    if (allowed > 0) this.#events.ready(this, "soon");
    if (allowed < pending) this.#limit();
  }

  processEnded(): void {
    this.flush();
  }

  ended(): void {
    if (this.#state === "ended" || this.#state === "done") return;
    if (this.#state === "attended") this.#keepAll(Infinity);
    else this.#keepLatest(LAST_PART);
    this.#state = "ended";
    this.#events.ready(this, "now");
  }

  /** Brings what came until now, also if it is too fast. */
  flush(): void {
    if (this.#state === "limited") this.#keepLatest(LAST_PART);
    if (this.isReady) this.#events.ready(this, "now");
  }

  /** It may go on: with all that came meanwhile, or with its latest part. */
  goOn(): void {
    if (this.#state !== "limited") return;
    const { source, bucket } = this.#options;
    const allowed = Math.min(bucket.available, this.#events.room());
    const isAll = source.end - this.#cursor <= allowed && this.#cursor >= source.start;
    this.#keepLatest(0);
    this.#events.ready(this, "now");
    if (isAll) this.#state = "following";
    else this.#limit();
  }

  /** The next record, of at most `max` bytes. */
  take(max: number): OutputRecord | undefined {
    if (!this.isReady) return undefined;
    const { key, name } = this.#options;
    const { missing, bytes } = this.#shift(max);
    this.#takenAt = performance.now();
    this.#taken += missing + bytes.length;
    this.#held -= bytes.length;
    if (this.demand === "full") {
      this.#keepAll(MAX_ATTENDED);
      this.#options.onDemand?.();
    }
    const last = this.#state === "ended" && this.#pieces.length === 0;
    if (last) this.#state = "done";
    return { key, output: name, missing, bytes, last };
  }

  #limit(): void {
    this.#state = "limited";
    this.#events.limited(this);
  }

  /** Copies the latest part: as much as is allowed, and at least `least` bytes. */
  #keepLatest(least: number): void {
    const { source: { start, end }, bucket } = this.#options;
    const allowed = Math.max(Math.min(bucket.available, this.#events.room()), least);
    const from = Math.max(this.#cursor, start, end - allowed);
    bucket.take(end - from);
    this.#keep(from, end);
  }

  /** Copies what there is, as far as so many bytes may be held. */
  #keepAll(most: number): void {
    const { start, end } = this.#options.source;
    const from = Math.max(this.#cursor, start);
    this.#keep(from, Math.min(end, from + Math.max(0, most - this.#held)));
    if (this.isReady) this.#events.ready(this, "now");
  }

  #keep(from: number, to: number): void {
    const missing = from - this.#cursor;
    this.#cursor = to;
    if (from === to && missing === 0) return;
    this.#pieces.push({ missing, bytes: this.#options.source.slice(from, to) });
    this.#held += to - from;
    this.#events.kept(to - from);
  }

  /** The pieces that follow each other without a gap, as one. */
  #shift(max: number): Piece {
    const first = this.#pieces[0];
    if (!first) return { missing: 0, bytes: new Uint8Array() };
    if (first.bytes.length > max) {
      this.#pieces[0] = { missing: 0, bytes: first.bytes.subarray(max) };
      return { missing: first.missing, bytes: first.bytes.subarray(0, max) };
    }
    let count = 1;
    let length = first.bytes.length;
    for (; count < this.#pieces.length; count++) {
      const { missing, bytes } = this.#pieces[count]!;
      if (missing > 0 || length + bytes.length > max) break;
      length += bytes.length;
    }
    const pieces = this.#pieces.splice(0, count);
    if (count === 1) return first;
    return { missing: first.missing, bytes: joined(pieces.map(({ bytes }) => bytes)) };
  }
}
