import { CLOSE_ON_EXEC, openLibrary } from "../starter/libc.ts";
import { describeError } from "../starter/system_error.ts";

const FUNCTIONS = {
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  // The C library writes where the file system cannot allocate.
  posix_fallocate: { parameters: ["i32", "i64", "i64"], result: "i32", nonblocking: true },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
} as const;

/** Numbers of the kernel's interface. */
const READ_AND_WRITE = 2;
const NO_SPACE = 28;
const INTERRUPTED = 4;

/** Bytes that are taken at once: an abort waits for them. */
const CHUNK = 64 * 1024 * 1024;

/** The least that is taken: a page, or a block of most file systems. */
const LEAST = 4096;

/** A file that was removed while it is open, and lasts until it is closed. */
export class NamelessFile implements Disposable {
  readonly #library: Deno.DynamicLibrary<typeof FUNCTIONS>;
  readonly #descriptor: number;
  #size = 0;

  private constructor(library: Deno.DynamicLibrary<typeof FUNCTIONS>, descriptor: number) {
    this.#library = library;
    this.#descriptor = descriptor;
  }

  /** Makes one on the file system of a folder. */
  static async create(folder: string): Promise<NamelessFile> {
    const library = openLibrary(FUNCTIONS);
    if (!library) throw new Deno.errors.NotSupported("Cannot fill a disk: no C library here");
    try {
      const path = await Deno.makeTempFile({ dir: folder, prefix: ".clustertest-" });
      try {
        const name = new TextEncoder().encode(`${path}\0`);
        const descriptor = library.symbols.open(name, READ_AND_WRITE | CLOSE_ON_EXEC, 0);
        if (descriptor < 0) throw new Error(`Cannot open '${path}'`);
        return new NamelessFile(library, descriptor);
      } finally {
        await Deno.remove(path);
      }
    } catch (error) {
      library.close();
      throw error;
    }
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** Takes so much more room, or as much as there is; resolves to whether there was enough. */
  async grow(length: number, signal?: AbortSignal): Promise<boolean> {
    const goal = this.#size + length;
    let chunk = CHUNK;
    while (this.#size < goal) {
      signal?.throwIfAborted();
      const next = Math.min(chunk, goal - this.#size);
      if (await this.#allocate(next)) continue;
      if (next <= LEAST) return false;
      chunk = Math.max(LEAST, Math.floor(next / 2 / LEAST) * LEAST);
    }
    return true;
  }

  /** Gives so much of it back. */
  // deno-lint-ignore require-await -- what fails is to reject, not to throw
  async shrink(length: number): Promise<void> {
    this.#size = Math.max(0, this.#size - length);
    const { ftruncate } = this.#library.symbols;
    if (ftruncate(this.#descriptor, BigInt(this.#size)) !== 0) {
      throw new Error("Cannot give room on the disk back");
    }
  }

  /** Writes so many bytes behind it; resolves to whether there was room. */
  async write(length: number): Promise<boolean> {
    using file = await Deno.open(`/proc/self/fd/${this.#descriptor}`, { write: true });
    await file.seek(this.#size, Deno.SeekMode.Start);
    try {
      for (let left = length; left > 0;) {
        const count = await file.write(new Uint8Array(left));
        left -= count;
        this.#size += count;
      }
      return true;
    } catch (error) {
      if (String(error).includes(`os error ${NO_SPACE}`)) return false;
      throw error;
    }
  }

  /** Closes it, which gives all of its room back. */
  [Symbol.dispose](): void {
    this.#library.symbols.close(this.#descriptor);
    this.#library.close();
  }

  async #allocate(length: number): Promise<boolean> {
    const { posix_fallocate } = this.#library.symbols;
    for (;;) {
      const [start, count] = [BigInt(this.#size), BigInt(length)];
      const failure = await posix_fallocate(this.#descriptor, start, count);
      if (failure === INTERRUPTED) continue;
      if (failure === NO_SPACE) return false;
      if (failure !== 0) throw new Error(`Cannot fill the disk: ${describeError(failure)}`);
      this.#size += length;
      return true;
    }
  }
}
