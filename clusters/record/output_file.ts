import { joined } from "../../agent/host/joined.ts";

/** Where bytes are missing in a file, and how many. */
interface Gap {
  /** Where the line that says so begins. */
  readonly at: number;
  /** Bytes of that line. */
  readonly length: number;
  readonly missing: number;
}

/**
 * One recorded output: a file with the beginning and the end of the output, and a line wherever bytes are
 * missing. It is consistent at every moment, also if its writer is killed: to cut out the middle of an
 * output that is too long, the file is written again under another name, and replaced. There is no file
 * before anything was written.
 */
export class OutputFile {
  readonly #path: string;
  readonly #limit: number;
  #size = 0;
  #gaps: readonly Gap[] = [];

  /** The file gets no larger than `limit` bytes, except for lines about gaps. */
  constructor(path: string, limit: number) {
    this.#path = path;
    this.#limit = limit;
  }

  /** Appends bytes, before which some are missing. */
  append(missing: number, bytes: Uint8Array): void {
    if (missing > 0) this.#appendGap(missing);
    if (bytes.length > 0) this.#write(bytes);
    if (this.#size > this.#limit) this.#shorten();
  }

  /** The latest bytes that follow each other without a gap, up to `size`. */
  latest(size: number): Uint8Array<ArrayBuffer> {
    if (this.#size === 0) return new Uint8Array();
    const gap = this.#gaps.at(-1);
    const start = Math.max(this.#size - size, gap ? gap.at + gap.length : 0);
    return Deno.readFileSync(this.#path).subarray(start);
  }

  #appendGap(missing: number): void {
    const line = gapLine(missing);
    this.#gaps = [...this.#gaps, { at: this.#size, length: line.length, missing }];
    this.#write(line);
  }

  /** Opens the file for each write: there may be more outputs than a process may have open files. */
  #write(bytes: Uint8Array): void {
    using file = Deno.openSync(this.#path, { append: true, create: true });
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
    this.#size += bytes.length;
  }

  /** Keeps a beginning of half the limit, and an end of a quarter of it. */
  #shorten(): void {
    const from = this.#outsideGap(Math.floor(this.#limit / 2), "before");
    const to = this.#outsideGap(this.#size - Math.floor(this.#limit / 4), "after");
    const before = this.#gaps.filter(({ at }) => at < from);
    const after = this.#gaps.filter(({ at }) => at >= to);
    const within = this.#gaps.filter(({ at }) => at >= from && at < to);
    const missing = within.reduce((sum, gap) => sum + gap.missing - gap.length, to - from);
    const line = gapLine(missing);
    const content = Deno.readFileSync(this.#path);
    const next = `${this.#path}.next`;
    Deno.writeFileSync(next, joined([content.subarray(0, from), line, content.subarray(to)]));
    Deno.renameSync(next, this.#path);
    const shift = from + line.length - to;
    this.#gaps = [
      ...before,
      { at: from, length: line.length, missing },
      ...after.map((gap) => ({ ...gap, at: gap.at + shift })),
    ];
    this.#size += shift;
  }

  /** The place itself, or an end of the line about a gap that it is in. */
  #outsideGap(place: number, side: "before" | "after"): number {
    const gap = this.#gaps.find(({ at, length }) => at < place && place < at + length);
    if (!gap) return place;
    return side === "before" ? gap.at : gap.at + gap.length;
  }
}

/** The line of a file that stands for what is missing there. */
function gapLine(missing: number): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(`\n${missingText(missing)}\n`);
}

/** What stands for bytes of an output that are missing. */
export function missingText(missing: number): string {
  return `[clustertest: ${missing} bytes are missing here]`;
}
