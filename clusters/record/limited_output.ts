import { startBackgroundTimer } from "../../agent/background_timer.ts";
import { OutputRing } from "../../agent/host/output_ring.ts";
import type { TokenBucket } from "../../agent/host/token_bucket.ts";

/** Bytes of the latest part of an output that are recorded, however fast it came. */
const LAST_PART = 256 * 1024;

/** Milliseconds after which the latest part of an output that was too fast is recorded. */
const PATIENCE = 500;

/** Writes a part of an output, before which so many bytes are missing. */
export type WriteOutput = (missing: number, bytes: Uint8Array<ArrayBuffer>) => void;

/**
 * Limits the rate at which an output is recorded: of one that is too fast, the latest part is written after
 * a while, and how much is missing before it. Nodes keep to the same rate themselves, except for outputs
 * that somebody reads completely.
 */
export class LimitedOutput {
  readonly #bucket: TokenBucket;
  readonly #write: WriteOutput;
  /** The latest part of what was too fast, by its positions in the output. */
  #late = new OutputRing(LAST_PART);
  #missing = 0;
  #timer: Disposable | undefined;

  /** `bucket` has what may be written of all outputs of the process. */
  constructor(bucket: TokenBucket, write: WriteOutput) {
    this.#bucket = bucket;
    this.#write = write;
  }

  /** Takes a part, before which so many bytes are missing. */
  take(missing: number, bytes: Uint8Array<ArrayBuffer>): void {
    if (missing > 0) this.flush();
    this.#missing += missing;
    if (this.#late.end === 0 && this.#bucket.available >= bytes.length) {
      this.#bucket.take(bytes.length);
      return this.#writeOut(bytes);
    }
    this.#late.append(bytes);
    this.#timer ??= startBackgroundTimer(PATIENCE, () => this.flush());
  }

  /** Writes what is too fast, as far as it is kept. */
  flush(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#late.end === 0) return;
    const { start } = this.#late;
    const bytes = this.#late.slice(start);
    this.#late = new OutputRing(LAST_PART);
    this.#missing += start;
    this.#bucket.take(bytes.length);
    this.#writeOut(bytes);
  }

  #writeOut(bytes: Uint8Array<ArrayBuffer>): void {
    const missing = this.#missing;
    this.#missing = 0;
    this.#write(missing, bytes);
  }
}
