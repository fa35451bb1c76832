import type { OutputObserver } from "../../agent/host/followed_output.ts";
import { joined } from "../../agent/host/joined.ts";
import type { OutputSource } from "../../agent/host/output_ring.ts";

/** One output of a command, as it arrives, up to a bound. */
export class CollectedOutput implements OutputSource {
  readonly start = 0;
  readonly #limit: number;
  readonly #chunks: Uint8Array[] = [];
  readonly #observer: OutputObserver;
  #size = 0;
  #hasEnded = false;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Settles the calls that wait for more, or for the end. */
  #change: PromiseWithResolvers<void> | undefined;

  /** `limit` is in bytes; `observe` makes the observer of each chunk, and of the end. */
  constructor(limit: number, observe: (source: OutputSource) => OutputObserver) {
    this.#limit = limit;
    this.#observer = observe(this);
  }

  /** Bytes that arrived. */
  get end(): number {
    return this.#size;
  }

  /** Whether nothing more will come. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Reads `stream` to its end; calls `onFull`, once, and stops when there is more than the limit. */
  async collect(
    stream: ReadableStream<Uint8Array>,
    onFull: (limit: number) => void,
  ): Promise<void> {
    const reader = this.#reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return this.#end();
      this.#chunks.push(value);
      this.#size += value.length;
      this.#changed();
      this.#observer.changed();
      if (this.#size > this.#limit) return onFull(this.#limit);
    }
  }

  /** Resolves when more has arrived, or the end. */
  change(): Promise<void> {
    return (this.#change ??= Promise.withResolvers()).promise;
  }

  /** Resolves when so many bytes have arrived, or the end. */
  async reached(size: number): Promise<void> {
    while (this.#size < size && !this.#hasEnded) await this.change();
  }

  /** Stops reading; a process that writes later is not blocked by that. */
  async release(): Promise<void> {
    if (!this.#hasEnded) await this.#reader?.cancel().catch(() => {});
  }

  /** Nothing more is collected. */
  finish(): void {
    this.#observer.ended();
  }

  /** A copy of a part of what arrived, which is near the end as a rule. */
  slice(from: number, to: number = this.#size): Uint8Array<ArrayBuffer> {
    const parts: Uint8Array[] = [];
    let end = this.#size;
    for (let i = this.#chunks.length - 1; i >= 0 && end > from; i--) {
      const chunk = this.#chunks[i]!;
      const start = end - chunk.length;
      if (start < to) parts.unshift(chunk.subarray(Math.max(0, from - start), to - start));
      end = start;
    }
    return joined(parts);
  }

  /** Everything that arrived. */
  bytes(): Uint8Array<ArrayBuffer> {
    return joined(this.#chunks);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#changed();
  }

  #changed(): void {
    this.#change?.resolve();
    this.#change = undefined;
  }

  /** The last part of what arrived, at most `size` bytes, as text. */
  tail(size: number): string {
    const last: Uint8Array[] = [];
    let length = 0;
    for (let i = this.#chunks.length - 1; i >= 0 && length < size; i--) {
      last.unshift(this.#chunks[i]!);
      length += this.#chunks[i]!.length;
    }
    return new TextDecoder().decode(joined(last).subarray(-size));
  }
}
