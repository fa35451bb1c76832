/** Bytes that a line takes besides its text. */
export const PER_LINE = 40;

/** Characters of a line that are kept. */
const MAX_LINE = 4_000;

/** The part of what is kept of an output that is its beginning. */
const BEGINNING = 1 / 4;

/** A line, and when it came. */
export interface TimedLine {
  readonly time: number;
  readonly text: string;
}

/** The largest size that outputs of these sizes may have each, so that they keep to a limit together. */
export function fairShare(sizes: readonly number[], limit: number): number {
  let left = limit;
  const sorted = sizes.toSorted((a, b) => a - b);
  for (const [i, size] of sorted.entries()) {
    const share = left / (sorted.length - i);
    if (size > share) return Math.floor(share);
    left -= size;
  }
  return Infinity;
}

/** What is kept of an output: all lines, or as many of the first and of the last ones. */
export class KeptLines {
  readonly #limit: number;
  readonly #first: TimedLine[] = [];
  #firstSize = 0;
  #last: TimedLine[] = [];
  #lastSize = 0;
  #start = 0;

  /** Keeps lines of so many bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Lines between the first and the last ones that are not kept. */
  get omitted(): number {
    return this.#start;
  }

  /** Takes the next line. */
  add({ time, text }: TimedLine): void {
    const line = { time, text: text.length > MAX_LINE ? `${text.slice(0, MAX_LINE)}…` : text };
    if (this.#last.length === 0 && this.#firstSize + sizeOf(line) <= this.#limit * BEGINNING) {
      this.#first.push(line);
      this.#firstSize += sizeOf(line);
      return;
    }
    this.#last.push(line);
    this.#lastSize += sizeOf(line);
    this.#shorten();
  }

  /** The lines; one stands for those that are missing. */
  lines(): TimedLine[] {
    const last = this.#last.slice(this.#start);
    if (this.#start === 0) return [...this.#first, ...last];
    const time = last[0]?.time ?? this.#first.at(-1)?.time ?? 0;
    const text = `[clustertest: ${this.#start} lines are not in this report]`;
    return [...this.#first, { time, text }, ...last];
  }

  #shorten(): void {
    while (this.#firstSize + this.#lastSize > this.#limit && this.#start < this.#last.length) {
      this.#lastSize -= sizeOf(this.#last[this.#start]!);
      this.#last[this.#start++] = { time: 0, text: "" };
    }
  }
}

/** Bytes that a line takes in a report, before it is compressed. */
function sizeOf({ text }: TimedLine): number {
  return text.length + PER_LINE;
}
