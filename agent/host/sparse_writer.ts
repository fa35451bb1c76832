import { writeTo } from "./file_access.ts";

/** Bytes of a hole are a multiple of this in most file systems. */
const HOLE = 4096;

/** Writes into an empty file, and leaves holes where there would be zeros. */
export class SparseWriter {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  #size = 0;
  /** Zeros before `#size` that were passed over. */
  #skipped = 0;

  constructor(file: Deno.FsFile, path: string) {
    this.#file = file;
    this.#path = path;
  }

  async write(chunk: Uint8Array): Promise<void> {
    for (let start = 0; start < chunk.length;) {
      const isHole = isZero(this.#blockAt(chunk, start));
      let end = start;
      while (end < chunk.length && isZero(this.#blockAt(chunk, start, end)) === isHole) {
        end += this.#blockAt(chunk, start, end).length;
      }
      if (isHole) this.#skipped += end - start;
      else await this.#writeAll(chunk.subarray(start, end));
      this.#size += end - start;
      start = end;
    }
  }

  /** Gives the file its whole length. */
  async end(): Promise<void> {
    if (this.#skipped > 0) await this.#file.truncate(this.#size);
  }

  /** The rest of the file's block in which the byte at `at` goes, of a chunk written up to `start`. */
  #blockAt(chunk: Uint8Array, start: number, at: number = start): Uint8Array {
    const position = this.#size + at - start;
    return chunk.subarray(at, at + HOLE - position % HOLE);
  }

  async #writeAll(data: Uint8Array): Promise<void> {
    if (this.#skipped > 0) await this.#file.seek(this.#skipped, Deno.SeekMode.Current);
    this.#skipped = 0;
    await writeTo(this.#file, data, this.#path);
  }
}

function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return true;
}
