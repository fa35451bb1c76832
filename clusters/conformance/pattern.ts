import { Buffer } from "node:buffer";
import { ok, strictEqual } from "node:assert/strict";

/** Bytes of a block: large enough to be fast, and no divisor of anything that a wire uses. */
const BLOCK_SIZE = 1_000_003;

/**
 * Bytes of which each tells where it is: a byte that was lost, doubled or moved does not go
 * unnoticed, and neither side has to hold all of them.
 */
export class Pattern {
  readonly #block = Buffer.alloc(BLOCK_SIZE);
  #number = -1;

  constructor() {
    // A linear congruential generator: the same bytes in each run, without a period in sight.
    for (let i = 0, state = 1; i < BLOCK_SIZE; i++) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      this.#block[i] = state >>> 16;
    }
  }

  /** Bytes from `offset` on: as many as there are up to the end of a block, at most `length`. */
  at(offset: number, length: number): Uint8Array<ArrayBuffer> {
    const number = Math.floor(offset / BLOCK_SIZE);
    const start = offset - number * BLOCK_SIZE;
    if (number !== this.#number) this.#block.writeUInt32LE(number, 0);
    this.#number = number;
    return this.#block.subarray(start, Math.min(start + length, BLOCK_SIZE));
  }
}

/** The first `size` bytes of a pattern, in chunks of at most `chunkSize`. */
export function patternStream(
  size: number,
  chunkSize = 64 * 1024,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const pattern = new Pattern();
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      if (offset === size) return controller.close();
      const chunk = pattern.at(offset, Math.min(chunkSize, size - offset)).slice();
      offset += chunk.length;
      controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
}

/** Reads a stream to its end; fails unless it is the first `size` bytes of a pattern. */
export async function assertPattern(
  stream: ReadableStream<Uint8Array>,
  size: number,
): Promise<void> {
  const pattern = new Pattern();
  let offset = 0;
  for await (const chunk of stream) {
    for (let i = 0; i < chunk.length;) {
      const expected = pattern.at(offset, chunk.length - i);
      const same = Buffer.compare(expected, chunk.subarray(i, i + expected.length)) === 0;
      ok(same, `The bytes from ${offset} to ${offset + expected.length} are not what was sent`);
      i += expected.length;
      offset += expected.length;
    }
  }
  strictEqual(offset, size, "The number of bytes that arrived");
}
