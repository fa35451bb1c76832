/** Chunks below this many bytes are put together while nobody reads. */
const SMALL = 8 * 1024;

/** A chunk that is a smaller part of its packet than this is copied, so as not to keep all of it. */
const WORTH_KEEPING = 1 / 16;

/** Bytes of a chunk that small ones are put together to. */
const GATHERED = 32 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Chunks that wait for a reader. Small ones are put together: a sender of single bytes fills no more
 * memory than its credit, and wakes the reader less often.
 */
export class ChunkQueue {
  #chunks: Bytes[] = [];
  /** The buffer of which the last chunk is the beginning, while small chunks still fit into it. */
  #gathering: Bytes | undefined;

  /** Whether no chunk waits. */
  get empty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Adds a chunk at the end. */
  push(chunk: Bytes): void {
    if (chunk.length >= SMALL) {
      this.#gathering = undefined;
      this.#chunks.push(standalone(chunk));
      return;
    }
    const last = this.#chunks.at(-1);
    const buffer = this.#gathering;
    if (!buffer || !last || last.length + chunk.length > buffer.length) return this.#gather(chunk);
    buffer.set(chunk, last.length);
    this.#chunks[this.#chunks.length - 1] = buffer.subarray(0, last.length + chunk.length);
  }

  /** Takes the chunk at the front. */
  shift(): Bytes | undefined {
    const chunk = this.#chunks.shift();
    if (this.#chunks.length === 0) this.#gathering = undefined;
    return chunk;
  }

  /** Drops all chunks. */
  clear(): void {
    this.#chunks.length = 0;
    this.#gathering = undefined;
  }

  #gather(chunk: Bytes): void {
    // The first small chunk may stay alone, and then it needs no large buffer.
    const alone = this.#chunks.length === 0;
    this.#gathering = alone ? undefined : new Uint8Array(GATHERED);
    this.#gathering?.set(chunk);
    this.#chunks.push(this.#gathering?.subarray(0, chunk.length) ?? standalone(chunk));
  }
}

function standalone(chunk: Bytes): Bytes {
  return chunk.length < WORTH_KEEPING * chunk.buffer.byteLength ? chunk.slice() : chunk;
}
