import type { OutputRecord } from "../../agent/host/host.ts";
import { TokenBucket } from "../../agent/host/token_bucket.ts";
import { LimitedOutput } from "./limited_output.ts";
import { OutputFile } from "./output_file.ts";
import { OutputTimes } from "./output_times.ts";

/** Bytes of each output that are kept at hand, for the event that tells of the end. */
const TAIL = 16 * 1024;

/** An output of a process. */
type OutputName = OutputRecord["output"];

/** Where the outputs of one process are recorded. */
export interface ProcessRecordOptions {
  /** The file of an output; `undefined` where nothing can be recorded. */
  readonly file: (output: OutputName) => OutputFile | undefined;
  /** Takes when the bytes of an output came that begin at this offset. */
  readonly note: (output: OutputName, time: number, offset: number) => void;
  /** Takes each part, once it was recorded. */
  readonly onPart?: ((part: OutputRecord) => void) | undefined;
  /** Takes why a file could not be written; nothing is recorded any more. */
  readonly fail: (error: unknown) => void;
  /** Which outputs there are. */
  readonly outputs: readonly OutputName[];
  /** Bytes of all of them that are recorded per second. */
  readonly rate: number;
}

/** Records what a process writes, as it comes, in files. */
export class ProcessRecord {
  /** Resolves when nothing more can come. */
  readonly complete: Promise<void>;
  readonly #options: ProcessRecordOptions;
  readonly #limited: ReadonlyMap<OutputName, LimitedOutput>;
  readonly #files = new Map<OutputName, OutputFile | undefined>();
  readonly #tails = new Map<OutputName, Uint8Array<ArrayBuffer>>();
  readonly #times: ReadonlyMap<OutputName, OutputTimes>;
  readonly #open: Set<OutputName>;
  readonly #completed = Promise.withResolvers<void>();

  constructor(options: ProcessRecordOptions) {
    this.#options = options;
    this.#open = new Set(options.outputs);
    this.#times = new Map(
      options.outputs.map((output) => [
        output,
        new OutputTimes((time, offset) => options.note(output, time, offset)),
      ]),
    );
    const bucket = new TokenBucket(options.rate);
    this.#limited = new Map(
      options.outputs.map((output) => [
        output,
        new LimitedOutput(bucket, (missing, bytes) => this.#write(output, missing, bytes)),
      ]),
    );
    this.complete = this.#completed.promise;
    if (this.#open.size === 0) this.end();
  }

  /** Whether nothing more can come. */
  get isComplete(): boolean {
    return this.#open.size === 0;
  }

  /** Takes a part of an output. */
  take(part: OutputRecord): void {
    const { output, missing, bytes, last } = part;
    const limited = this.#limited.get(output);
    if (missing > 0 || bytes.length > 0) {
      this.#keepTail(output, missing, bytes);
      limited?.take(missing, bytes);
    }
    if (last) limited?.flush();
    this.#options.onPart?.(part);
    if (last && this.#open.delete(output) && this.isComplete) this.end();
  }

  /** Ends the record: the node is gone, or its connection, and nothing more will come. */
  end(): void {
    for (const limited of this.#limited.values()) limited.flush();
    this.#open.clear();
    this.#completed.resolve();
  }

  /** The last part of an output, as text. */
  tail(output: OutputName): string {
    return new TextDecoder().decode(this.#tails.get(output));
  }

  /** The latest bytes of an output that were recorded, up to `size`. */
  latest(output: OutputName, size: number): Uint8Array<ArrayBuffer> {
    this.#limited.get(output)?.flush();
    const recorded = this.#files.get(output)?.latest(size);
    return recorded ?? this.#tails.get(output) ?? new Uint8Array();
  }

  #write(output: OutputName, missing: number, bytes: Uint8Array<ArrayBuffer>): void {
    try {
      if (!this.#files.has(output)) this.#files.set(output, this.#options.file(output));
      this.#files.get(output)?.append(missing, bytes);
      this.#times.get(output)?.take(missing + bytes.length);
    } catch (error) {
      this.#files.set(output, undefined);
      this.#options.fail(error);
    }
  }

  #keepTail(output: OutputName, missing: number, bytes: Uint8Array<ArrayBuffer>): void {
    const before = missing > 0 ? undefined : this.#tails.get(output);
    const kept = bytes.subarray(-TAIL);
    const rest = before?.subarray(Math.max(0, before.length + kept.length - TAIL));
    const tail = new Uint8Array((rest?.length ?? 0) + kept.length);
    if (rest) tail.set(rest);
    tail.set(kept, tail.length - kept.length);
    this.#tails.set(output, tail);
  }
}
