import type { ProcessStatus } from "../../agent/host/host.ts";
import { commandText, type EndedProcess, outputText } from "../errors.ts";
import { lastWords } from "./last_words.ts";
import type { LiveOutputs } from "./live_outputs.ts";

/**
 * Milliseconds for which the last of its output is waited for once a process has ended: whoever waits for
 * the process is to hear of its end at once.
 */
const LAST_WORDS = 50;

/** A process whose end somebody may wait for. */
export interface OutcomeParts {
  readonly node: string;
  readonly backend: string;
  /** The command and its arguments. */
  readonly command: readonly string[];
  readonly status: Promise<ProcessStatus>;
  readonly live: LiveOutputs;
  /** Whether the test has paused it. */
  readonly isPaused: () => boolean;
}

/** How a process has ended, or what it has said so far. */
export class ProcessOutcome {
  /** Settles as its status does. */
  readonly status: Promise<ProcessStatus>;
  readonly #parts: OutcomeParts;

  constructor(parts: OutcomeParts) {
    this.#parts = parts;
    this.status = parts.status;
  }

  /** How it has ended, once it has, with what it wrote last; rejects if its status does. */
  async ended(): Promise<EndedProcess> {
    const { node, backend, command, live } = this.#parts;
    const { code, signal, elapsed, outOfMemory } = await this.status;
    await lastWords(live, LAST_WORDS);
    const { record } = live;
    const [stdout, stderr] = [record.tail("stdout"), record.tail("stderr")];
    return { node, backend, command, code, signal, elapsed, outOfMemory, stdout, stderr };
  }

  /** Of a process that has not ended, for the end of a message. */
  toString(): string {
    const { command, live: { record }, isPaused } = this.#parts;
    const state = isPaused() ? "is paused: process.resume() lets it go on" : "runs";
    return `; ${commandText(command)} ${state}` + outputText("stderr", record.tail("stderr")) +
      outputText("stdout", record.tail("stdout"));
  }
}
