import { LineBudget } from "./line_budget.ts";
import { plainLine } from "./plain_line.ts";

/** Characters of a line that are shown: the record has all of it. */
const LONGEST = 500;

/** Lines that are shown in a second: of one output, and of all of a cluster. */
const RATES = { output: 100, cluster: 500 };

/** A part of what a process writes, as it comes. */
export interface WrittenPart {
  readonly node: string;
  /** The number of the process in its cluster. */
  readonly number: number;
  /** The name of its command. */
  readonly command: string;
  readonly output: "stdout" | "stderr";
  /** Bytes that were left out before `bytes`. */
  readonly missing: number;
  readonly bytes: Uint8Array;
  /** Whether nothing more comes of this output. */
  readonly last: boolean;
}

/** An output, and its line that is not complete yet. */
interface OpenLine {
  readonly decoder: TextDecoder;
  readonly budget: LineBudget;
  /** `"node1 3-etcd |"`: as the logs of a run have it. */
  readonly label: string;
  /** Up to {@linkcode LONGEST} characters. */
  text: string;
  /** Characters behind them. */
  cut: number;
  /** Lines that were not shown since the last one that was. */
  leftOut: number;
}

/**
 * Shows what processes write by whole lines, each with the name of its node and its process. A process
 * that writes too fast, and a line that is too long, are shown in part; no line does anything to a
 * terminal.
 */
export class OutputLines implements Disposable {
  readonly #print: (line: string) => void;
  readonly #budget = new LineBudget(RATES.cluster);
  readonly #open = new Map<string, OpenLine>();
  #isBroken = false;

  /** `print` shows a line. When it throws, nothing is shown any more. */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Takes what comes next of an output. */
  take(part: WrittenPart): void {
    if (this.#isBroken) return;
    try {
      this.#take(part);
    } catch {
      // The caller must not fail: it records the same output.
      this.#isBroken = true;
    }
  }

  /** Shows the lines that were not completed. */
  [Symbol.dispose](): void {
    if (!this.#isBroken) { for (const line of this.#open.values()) this.#end(line); }
    this.#open.clear();
  }

  #take({ node, number, command, output, missing, bytes, last }: WrittenPart): void {
    const key = `${number} ${output}`;
    const line = this.#open.get(key) ?? newLine(`${node} ${number}-${command} ${MARKS[output]}`);
    this.#open.set(key, line);
    if (missing > 0) this.#skip(line, missing);
    this.#add(line, line.decoder.decode(bytes, { stream: !last }));
    if (!last) return;
    this.#end(line);
    this.#open.delete(key);
  }

  #add(line: OpenLine, text: string): void {
    const [first = "", ...others] = text.split("\n");
    append(line, first);
    for (const next of others) {
      this.#complete(line);
      append(line, next);
    }
  }

  #skip(line: OpenLine, missing: number): void {
    if (line.text !== "") this.#complete(line);
    line.text = `[${missing} bytes are missing here]`;
    this.#complete(line);
  }

  #complete(line: OpenLine): void {
    const { text, cut } = line;
    line.text = "";
    line.cut = 0;
    if (!line.budget.take() || !this.#budget.take()) return void line.leftOut++;
    this.#tellLeftOut(line);
    const rest = cut > 0 ? ` … (${cut} more characters)` : "";
    this.#print(`${line.label} ${plainLine(text, { colours: false })}${rest}`);
  }

  #end(line: OpenLine): void {
    if (line.text !== "") this.#complete(line);
    this.#tellLeftOut(line);
  }

  #tellLeftOut(line: OpenLine): void {
    const { leftOut } = line;
    if (leftOut === 0) return;
    line.leftOut = 0;
    this.#print(`${line.label} … ${leftOut} lines came too fast to be shown: the record has more`);
  }
}

/** The character that tells lines of standard error from those of standard output. */
const MARKS = { stdout: "|", stderr: "!" } as const;

function newLine(label: string): OpenLine {
  const budget = new LineBudget(RATES.output);
  return { decoder: new TextDecoder(), budget, label, text: "", cut: 0, leftOut: 0 };
}

function append(line: OpenLine, text: string): void {
  const kept = text.slice(0, LONGEST - line.text.length);
  line.text += kept;
  line.cut += text.length - kept.length;
}
