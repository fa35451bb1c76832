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

/** Characters of a step's output that an error quotes. */
const KEPT = 8_192;

/** What an engine says of a build, a step at a time. */
export class BuildLog {
  readonly #hidden: HiddenValues;
  #step: BuildStep | undefined;
  #output = "";

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

  /** What the engine does itself begins with an arrow. */
  #add(text: string): void {
    if (/^ ---> |^Removing intermediate container /.test(text)) return;
    // Engines show the standard error in red.
    this.#output = (this.#output + stripVTControlCharacters(text)).slice(-2 * KEPT);
  }
}
