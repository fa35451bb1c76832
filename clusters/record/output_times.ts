/** The file of a cluster's record that says when what was written came. */
export const TIMES_FILE = "output.jsonl";

/** Milliseconds between two times that are recorded of an output, at first. */
const RESOLUTION = 10;

/** After so many times of an output, the next ones are recorded half as often. */
const TIMES_PER_RESOLUTION = 5_000;

/**
 * A line of the file: the time, in milliseconds since the epoch; the node; the number of the process;
 * which of its outputs; and how many bytes of that had come before, with those that are missing.
 */
export type OutputTime = readonly [
  time: number,
  node: string,
  number: number,
  output: "stdout" | "stderr",
  offset: number,
];

/** Notes when the bytes of one output came: not each, so that the notes stay small. */
export class OutputTimes {
  readonly #note: (time: number, offset: number) => void;
  #offset = 0;
  #latest = -Infinity;
  #count = 0;

  /** `note` takes a time, and the offset of what came then. */
  constructor(note: (time: number, offset: number) => void) {
    this.#note = note;
  }

  /** So many bytes came just now, with those that are missing. */
  take(size: number): void {
    const now = Date.now();
    const resolution = RESOLUTION * 2 ** Math.floor(this.#count / TIMES_PER_RESOLUTION);
    if (now - this.#latest >= resolution) {
      this.#latest = now;
      this.#count++;
      this.#note(now, this.#offset);
    }
    this.#offset += size;
  }
}
