/** Characters before a new part in which a match may begin: of an endless output no more is kept. */
const WINDOW = 64 * 1024;

/** What is looked for: a text, or a pattern whose flags for global and sticky search mean nothing. */
export type OutputPattern = string | RegExp;

/** A match, and whether more of the output could make it another one. */
export interface FoundOutput {
  readonly match: RegExpExecArray;
  readonly mayGrow: boolean;
}

/** Looks for a pattern in one output, across the parts in which it comes. */
export class OutputSearch {
  readonly #pattern: RegExp;
  readonly #isText: boolean;
  #decoder = newDecoder();
  #text = "";
  /** Whether the first character is there only so that nothing takes the second one for a beginning. */
  #isCut = false;
  #missing = 0;

  constructor(pattern: OutputPattern) {
    this.#isText = typeof pattern === "string";
    this.#pattern = typeof pattern === "string"
      ? new RegExp(RegExp.escape(pattern), "g")
      // One of its own: the author's keeps its `lastIndex`.
      : new RegExp(pattern.source, `${pattern.flags.replaceAll(/[gy]/g, "")}g`);
  }

  /** Bytes that were not there to be searched. */
  get missing(): number {
    return this.#missing;
  }

  /** Looks into a part, together with what came before it, unless bytes are missing between them. */
  add(missing: number, bytes: Uint8Array): FoundOutput | undefined {
    if (missing > 0) this.#skip(missing);
    this.#text += this.#decoder.decode(bytes, { stream: true });
    this.#pattern.lastIndex = this.#isCut ? 1 : 0;
    const match = this.#pattern.exec(this.#text);
    if (match) return { match, mayGrow: this.#mayGrow(match) };
    this.#shorten();
    return undefined;
  }

  #skip(missing: number): void {
    this.#missing += missing;
    this.#decoder = newDecoder();
    // It stands for what is missing: a pattern that begins with the output does not begin here.
    this.#text = "\uFFFD";
    this.#isCut = true;
  }

  /** A number, say, may go on in the next part; a line that has ended does not. */
  #mayGrow({ index, 0: { length } }: RegExpExecArray): boolean {
    if (this.#isText || this.#text.length > 2 * WINDOW) return false;
    return index + length === this.#text.length && !this.#text.endsWith("\n");
  }

  #shorten(): void {
    if (this.#text.length <= 2 * WINDOW) return;
    this.#text = this.#text.slice(-WINDOW - 1);
    this.#isCut = true;
  }
}

function newDecoder(): TextDecoder {
  return new TextDecoder("utf-8", { ignoreBOM: true });
}
