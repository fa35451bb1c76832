import { joined } from "../../agent/host/joined.ts";
import { missingText } from "../record/mod.ts";

/** Bytes of a line that are kept: of a longer one its beginning, and how much is missing. */
export const MAX_LINE: number = 1024 * 1024;

const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** A line without its end, and the bytes of the output that it stands for, with its end. */
export interface Line {
  readonly text: string;
  readonly size: number;
}

/** Makes lines of one output, across the parts in which it comes. */
export class LineSplitter {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #rest: Uint8Array[] = [];
  #kept = 0;
  #size = 0;

  /** The lines that are complete with this part; what is missing before it is a line of its own. */
  add(missing: number, bytes: Uint8Array): Line[] {
    const lines: Line[] = missing > 0 ? [...this.end(), missingLine(missing)] : [];
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      lines.push(this.#line(bytes.subarray(from, to)));
      from = to + 1;
    }
    if (from < bytes.length) this.#keep(bytes.slice(from));
    return lines;
  }

  /** The last line, if it has no end. */
  end(): Line[] {
    return this.#size > 0 ? [this.#take()] : [];
  }

  #keep(bytes: Uint8Array): void {
    this.#size += bytes.length;
    const kept = bytes.subarray(0, MAX_LINE - this.#kept);
    if (kept.length === 0) return;
    this.#rest.push(kept);
    this.#kept += kept.length;
  }

  /** The line that ends with these bytes, which as a rule are all of it. */
  #line(bytes: Uint8Array): Line {
    const whole = this.#size === 0 && bytes.length <= MAX_LINE;
    if (!whole) this.#keep(bytes);
    const { text, size } = whole ? this.#decoded(bytes, bytes.length) : this.#take();
    return { text, size: size + 1 };
  }

  #take(): Line {
    const [bytes, size] = [joined(this.#rest), this.#size];
    this.#rest = [];
    this.#kept = this.#size = 0;
    return this.#decoded(bytes, size);
  }

  #decoded(bytes: Uint8Array, size: number): Line {
    const missing = size - bytes.length;
    if (missing > 0) {
      return { text: `${this.#decoder.decode(bytes)} ${missingText(missing)}`, size };
    }
    const end = bytes.at(-1) === CARRIAGE_RETURN ? bytes.length - 1 : bytes.length;
    return { text: this.#decoder.decode(bytes.subarray(0, end)), size };
  }
}

/** The line that stands for what is missing. */
export function missingLine(missing: number): Line {
  return { text: missingText(missing), size: missing };
}
