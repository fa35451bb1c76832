import type { OutputIdentity } from "./output_identity.ts";
import { type FileLine, fileLines } from "./file_lines.ts";
import type { OutputClock } from "./output_clock.ts";

/** A line that a process wrote. */
export interface OutputLine {
  /** Who wrote it. */
  readonly source: OutputIdentity;
  /** When it came, in milliseconds since the epoch. */
  readonly time: number;
  /** Without the character that ends it. */
  readonly text: string;
}

/** What an `OutputFile` puts in the place of what is missing. */
const GAP = /^\[clustertest: (\d+) bytes are missing here\]$/;

/** What a reader knows of the file that it reads. */
interface OutputReading {
  readonly inode: number | null;
  /** Bytes of the file that were read. */
  readonly place: number;
  /** Bytes that the process had written there, with those that are missing. */
  readonly offset: number;
}

/**
 * Reads one recorded output, also while it is written. The file is replaced when its middle is cut
 * out: what was read before is then found again by how many bytes the process had written.
 */
export class RecordedOutput {
  readonly source: OutputIdentity;
  /** Absolute path of its file. */
  readonly path: string;
  readonly #clock: OutputClock;
  #reading: OutputReading = { inode: null, place: 0, offset: 0 };
  /** Lines that begin before this many bytes of the process were read already. */
  #seen = 0;

  constructor(source: OutputIdentity, { path, clock }: { path: string; clock: OutputClock }) {
    this.source = source;
    this.path = path;
    this.#clock = clock;
  }

  /** The lines that were not read before. One that goes on comes only with `all`. */
  *lines({ all }: { all: boolean }): Generator<OutputLine, void, undefined> {
    if (!this.#hasMore()) return;
    const { inode, place } = this.#reading;
    const isSame = (info: Deno.FileInfo) => info.ino === inode;
    for (const line of fileLines(this.path, { from: place, isSame })) {
      if (!line.isWhole && !all) return;
      const read = this.#take(line);
      if (read) yield read;
    }
  }

  #hasMore(): boolean {
    try {
      const { ino, size } = Deno.statSync(this.path);
      if (ino !== this.#reading.inode) this.#reading = { inode: ino, place: 0, offset: 0 };
      return size > this.#reading.place;
    } catch (error) {
      // Old records are removed, also while they are read.
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  #take({ bytes, place, isWhole }: FileLine): OutputLine | undefined {
    const { inode, offset } = this.#reading;
    const text = new TextDecoder().decode(bytes);
    const missing = GAP.exec(text)?.[1];
    const length = bytes.length + (isWhole ? 1 : 0);
    // The line about a gap begins with the end of a line that is not of the process, either.
    const next = missing === undefined ? offset + length : offset + Number(missing) - 1;
    this.#reading = { inode, place: place + length, offset: next };
    if (next <= this.#seen) return undefined;
    this.#seen = next;
    return { source: this.source, time: this.#clock.timeOf(this.source, offset), text };
  }
}
