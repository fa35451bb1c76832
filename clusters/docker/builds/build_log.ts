import { stripVTControlCharacters } from "node:util";
import type { HiddenValues } from "./hidden_values.ts";

/** One line of an engine's account of a build. */
export interface BuildLine {
  readonly stream?: string;
  readonly error?: string;
  readonly aux?: { readonly ID?: string } | null;
}

/** What a build does: one instruction. */
export interface BuildStep {
  /** From 1 on. */
  readonly number: number;
  readonly total: number;
  /** The instruction, as it is written. */
  readonly text: string;
}

const BEGINS_STAGE = /^FROM\s/i;

/** Characters of a step's output that an error quotes. */
const KEPT = 8_192;

/** What an engine says of a build, a step at a time. */
export class BuildLog {
  readonly #hidden: HiddenValues;
  #step: BuildStep | undefined;
  #output = "";
  readonly #parts = new Set<string>();
  /** What the latest step has made; not the image with which a stage begins. */
  #latest: string | undefined;

  constructor(hidden: HiddenValues) {
    this.#hidden = hidden;
  }

  /** Takes a line; returns the step that it begins. */
  take({ stream = "" }: BuildLine): BuildStep | undefined {
    const [, number, total, text] = /^Step (\d+)\/(\d+) : (.*)\n?$/s.exec(stream) ?? [];
    if (text === undefined) {
      this.#add(stream);
      return undefined;
    }
    this.#output = "";
    if (BEGINS_STAGE.test(text)) this.#endStage();
    const shown = this.#hidden.hide(text.trim());
    return this.#step = { number: Number(number), total: Number(total), text: shown };
  }

  /** Why a build has failed: the step, what the engine says, and what the step has written. */
  failure(said: string): string {
    const reason = this.#hidden.hide(said.trim());
    if (!this.#step) return reason;
    const { number, total, text } = this.#step;
    // A value may come in two pieces, so it is looked for in all of it, and in more than is shown.
    const output = this.#hidden.hide(this.#output).slice(-KEPT).trimEnd().replace(/^\n+/, "");
    const lines = output === "" ? "" : `\n  its output:\n    ${output.replaceAll("\n", "\n    ")}`;
    return `step ${number} of ${total} failed, \`${text}\`: ${reason}${lines}`;
  }

  /** The build has come to its end: what the latest step made is the image. */
  finish(): void {
    this.#latest = undefined;
  }

  /** The ids of what was made besides the image: the last of each stage that has not become it. */
  get parts(): string[] {
    return [...this.#parts, ...this.#latest === undefined ? [] : [this.#latest]];
  }

  #endStage(): void {
    if (this.#latest !== undefined) this.#parts.add(this.#latest);
    this.#latest = undefined;
  }

  /** What the engine does itself begins with an arrow. */
  #add(text: string): void {
    const id = /^ ---> ([0-9a-f]{12,})\n$/.exec(text)?.[1];
    if (id !== undefined && !BEGINS_STAGE.test(this.#step?.text ?? "FROM")) this.#latest = id;
    if (/^ ---> |^Removing intermediate container /.test(text)) return;
    // Engines show the standard error in red.
    this.#output = (this.#output + stripVTControlCharacters(text)).slice(-2 * KEPT);
  }
}
