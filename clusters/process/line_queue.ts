import type { Line } from "./line_splitter.ts";

/** Characters of lines that wait for their reader; beyond them the oldest are dropped. */
const MAX_WAITING = 4 * 1024 * 1024;

/** What a line costs besides its characters. */
const LINE_COST = 64;

/** Lines that were taken and are not removed yet: one by one that would move all others each time. */
const MAX_TAKEN = 1024;

/** Lines that wait for their reader, up to a bound. */
export class LineQueue {
  #lines: Line[] = [];
  /** How many of the first ones were taken. */
  #taken = 0;
  #size = 0;

  /** Characters that wait, and what they cost besides. */
  get size(): number {
    return this.#size;
  }

  /** Adds a line; returns the bytes of the output that the oldest ones had, if they had to be dropped. */
  push(line: Line): number {
    this.#lines.push(line);
    this.#size += costOf(line);
    if (this.#size <= MAX_WAITING) return 0;
    let dropped = 0;
    // More of them than it has to, so that it is done seldom.
    while (this.#size > MAX_WAITING / 2) dropped += this.shift()!.size;
    return dropped;
  }

  /** Takes the oldest line. */
  shift(): Line | undefined {
    const line = this.#lines[this.#taken];
    if (!line) return undefined;
    this.#size -= costOf(line);
    if (++this.#taken === this.#lines.length) this.#removeTaken();
    else if (this.#taken > Math.max(MAX_TAKEN, this.#lines.length / 2)) this.#removeTaken();
    return line;
  }

  #removeTaken(): void {
    this.#lines = this.#lines.slice(this.#taken);
    this.#taken = 0;
  }
}

function costOf({ text }: Line): number {
  return text.length + LINE_COST;
}
