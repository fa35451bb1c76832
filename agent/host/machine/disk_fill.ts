import type { DiskProbe, FilledDisk } from "../host.ts";
import { roomOf } from "./file_system.ts";
import { NamelessFile } from "./nameless_file.ts";

/** Bytes that are written one after the other beyond what was to be left. */
const STEP = 4096;

/** Steps after which a disk counts as not full. */
const MAX_STEPS = 256;

/** How a disk is filled, and who is told that it is no more. */
export interface DiskFillOptions {
  /** Bytes that stay free. */
  readonly leave: number;
  readonly signal?: AbortSignal | undefined;
  readonly onClosed: (fill: FilledDisk) => void;
}

/**
 * Takes the room of a file system by a file without a name, which nobody else can see or remove. The
 * kernel gives the room back when it is closed, and so when this process ends in whatever way.
 */
export class DiskFill implements FilledDisk {
  /** It lasts as long as this process. */
  readonly lost: Promise<Error> = new Promise(() => {});
  readonly #folder: string;
  readonly #file: NamelessFile;
  readonly #options: DiskFillOptions;
  #isClosed = false;

  private constructor(folder: string, file: NamelessFile, options: DiskFillOptions) {
    this.#folder = folder;
    this.#file = file;
    this.#options = options;
  }

  /** Fills the file system of a folder. */
  static async open(folder: string, options: DiskFillOptions): Promise<DiskFill> {
    const fill = new DiskFill(folder, await NamelessFile.create(folder), options);
    try {
      await fill.refill();
      return fill;
    } catch (error) {
      await fill[Symbol.asyncDispose]();
      throw error;
    }
  }

  async refill(): Promise<void> {
    const { leave, signal } = this.#options;
    const missing = async () => (await roomOf(this.#folder)).free - leave;
    for (let room = await missing(); room > 0; room = await missing()) {
      signal?.throwIfAborted();
      if (await this.#file.grow(room, signal)) continue;
      // It is full before it says so: what is to stay free is taken back.
      return await this.#file.shrink(leave);
    }
  }

  async probe(): Promise<DiskProbe> {
    using file = await NamelessFile.create(this.#folder);
    if (this.#options.leave > 0) await file.grow(this.#options.leave);
    for (let step = 0; step < MAX_STEPS; step++) {
      if (!await file.write(STEP)) return { written: file.size, isFull: true };
    }
    return { written: file.size, isFull: false };
  }

  // deno-lint-ignore require-await -- the contract is that of a host far away
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#file[Symbol.dispose]();
    this.#options.onClosed(this);
  }
}
