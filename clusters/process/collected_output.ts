/** One output of a command, as it arrives, up to a bound. */
export class CollectedOutput {
  readonly #limit: number;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  /** `limit` is in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Reads `stream` to its end; calls `onFull`, once, and stops when there is more than the limit. */
  async collect(
    stream: ReadableStream<Uint8Array>,
    onFull: (limit: number) => void,
  ): Promise<void> {
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#chunks.push(value);
      this.#size += value.length;
      if (this.#size > this.#limit) return onFull(this.#limit);
    }
  }

  /** Everything that arrived. */
  bytes(): Uint8Array<ArrayBuffer> {
    return joined(this.#chunks);
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

/** The bytes of all chunks, one after another. */
export function joined(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(chunks.reduce((size, { length }) => size + length, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}
