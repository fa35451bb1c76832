/** Bytes that are read from a pipe at a time, at first and once a read was filled. */
const READ_SIZES = { first: 8 * 1024, then: 64 * 1024 };

/** A chunk that fills less of its buffer is copied out, so that it does not keep the rest alive. */
const WORTH_PASSING = 16 * 1024;

/** Reads a pipe in chunks of a size that fits what comes, into buffers that are used again. */
export class OutputPipe {
  readonly #reader: ReadableStreamBYOBReader;
  #size = READ_SIZES.first;
  #spare: ArrayBuffer | undefined;

  constructor(pipe: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = pipe.getReader({ mode: "byob" });
  }

  /** Bytes that the next chunk has at most. */
  get size(): number {
    return this.#size;
  }

  /** The next chunk, or `undefined` at the end. It is to be passed on, or handed back. */
  async read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const buffer = this.#spare ?? new ArrayBuffer(this.#size);
    this.#spare = undefined;
    const { value } = await this.#reader.read(new Uint8Array(buffer));
    if (!value?.length) return undefined;
    if (value.length === value.buffer.byteLength) this.#size = READ_SIZES.then;
    return value;
  }

  /** What to pass on in the place of `chunk`: itself, or a copy that keeps less memory. */
  pass(chunk: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    if (chunk.length >= WORTH_PASSING) return chunk;
    const copy = chunk.slice();
    this.handBack(chunk);
    return copy;
  }

  /** Frees a chunk that is not needed any more. */
  handBack({ buffer }: Uint8Array<ArrayBuffer>): void {
    if (buffer.byteLength === this.#size) this.#spare = buffer;
  }

  /** Closes this end, even if processes still hold the other one. */
  async close(): Promise<void> {
    this.#spare = undefined;
    await this.#reader.cancel().catch(() => {});
  }
}
