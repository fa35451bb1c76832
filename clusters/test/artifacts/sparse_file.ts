/** Bytes of which a file system has all or none on the disk. */
export const BLOCK = 4096;

/**
 * Writes a file without the blocks that have nothing but zeros: they are holes, which take no space on
 * the disk. Programs preallocate files, logs above all, so that most of them may be that.
 */
export class SparseFile implements Disposable {
  /** Bytes that may still be written; zeros that become holes do not count. */
  room: number;
  #stored = 0;
  readonly #file: Deno.FsFile;
  #position = 0;
  /** Where the file's own position is: behind the last block that was no hole. */
  #written = 0;

  /** Takes over a file that is empty. */
  constructor(file: Deno.FsFile, room: number) {
    this.#file = file;
    this.room = room;
  }

  /** Bytes that were written for it, without holes. */
  get stored(): number {
    return this.#stored;
  }

  /** Writes as much as there is room for; returns how many of the bytes that were. */
  write(bytes: Uint8Array): number {
    const start = this.#position;
    for (let taken = 0; taken < bytes.length; taken = this.#position - start) {
      const block = bytes.subarray(taken, taken + BLOCK - this.#position % BLOCK);
      if (dataLength(block) === 0) {
        this.#position += block.length;
        continue;
      }
      const part = block.subarray(0, this.room);
      this.room -= part.length;
      this.#stored += part.length;
      this.append(part);
      if (part.length < block.length) break;
    }
    return this.#position - start;
  }

  /** Writes bytes that take none of the room. */
  append(bytes: Uint8Array): void {
    if (this.#written < this.#position) this.#file.seekSync(this.#position, Deno.SeekMode.Start);
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(this.#file.writeSync(rest));
    this.#position += bytes.length;
    this.#written = this.#position;
  }

  /** Goes on behind zeros. */
  skip(length: number): void {
    this.#position += length;
  }

  /** Lets it end with a hole, where that is its end, and closes it. */
  [Symbol.dispose](): void {
    try {
      if (this.#written < this.#position) this.#file.truncateSync(this.#position);
    } finally {
      this.#file.close();
    }
  }
}

/** How many bytes there are up to the last that is not zero. */
export function dataLength(bytes: Uint8Array): number {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === 0) length--;
  return length;
}
