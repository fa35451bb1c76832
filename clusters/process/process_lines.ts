import type { AuthorCall, Lifeline } from "../calls/mod.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import { LineQueue } from "./line_queue.ts";
import { type Line, LineSplitter, missingLine } from "./line_splitter.ts";
import type { OutputName } from "./live_outputs.ts";
import { OutputWatch, type OutputWatchOptions, type WatchedPart } from "./output_watch.ts";

/** Bytes that wait for the reader (see {@linkcode LineQueue.size}) above which only recorded output is brought. */
const ENOUGH_WAITING = 1024 * 1024;

/** Which lines of a process are read. */
export interface LinesOptions {
  /** The outputs whose lines are read. @default "both", in the order in which they arrive */
  readonly stream?: "both" | "stdout" | "stderr" | undefined;
  /**
   * `"start"`: from the oldest line that the log still has. `"now"`: what is written after the call,
   * beginning with the rest of a line that had begun before. @default "start"
   */
  readonly from?: "start" | "now" | undefined;
}

/** The kinds of the options of `lines`. */
export const LINES_KINDS: OptionKinds<LinesOptions> = {
  stream: kinds.oneOf("both", "stdout", "stderr"),
  from: kinds.oneOf("start", "now"),
};

/** What the lines are read from. */
export interface ProcessLinesOptions
  extends Omit<OutputWatchOptions, "onPart" | "onEnd" | "ended" | "from" | "isBehind"> {
  readonly from: LinesOptions["from"];
  /** Rejects when the node of the process is gone. */
  readonly status: Promise<unknown>;
  readonly life: Lifeline;
  readonly call: AuthorCall;
}

/** The lines of a process, for one reader. */
export class ProcessLines implements AsyncIterableIterator<string, undefined> {
  readonly #options: ProcessLinesOptions;
  readonly #watch: OutputWatch;
  readonly #splitters: ReadonlyMap<OutputName, LineSplitter>;
  #lines = new LineQueue();
  #dropped = 0;
  #hasEnded = false;
  /** Whether the reader has left. */
  #isGivenUp = false;
  #changed = Promise.withResolvers<void>();

  constructor(options: ProcessLinesOptions) {
    this.#options = options;
    const { outputs, from = "start", status: ended } = options;
    this.#splitters = new Map(outputs.map((output) => [output, new LineSplitter()]));
    this.#watch = new OutputWatch({
      ...options,
      from,
      ended,
      isBehind: () => this.#lines.size > 0,
      onPart: (part) => this.#take(part),
      onEnd: () => this.#end(),
    });
  }

  /** The next line, once it has come. */
  async next(): Promise<IteratorResult<string, undefined>> {
    for (;;) {
      const line = this.#shift();
      if (line !== undefined) return { done: false, value: line };
      if (this.#hasEnded) return await this.#atEnd();
      await this.#changed.promise;
    }
  }

  /** Ends the reading, and drops what waits for the reader. */
  return(): Promise<IteratorResult<string, undefined>> {
    this.#watch[Symbol.dispose]();
    this.#lines = new LineQueue();
    this.#dropped = 0;
    this.#hasEnded = this.#isGivenUp = true;
    this.#wake();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** As {@linkcode ProcessLines.return}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** Itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #take({ output, missing, bytes }: WatchedPart): void {
    this.#push(this.#splitters.get(output)!.add(missing, bytes));
  }

  #push(lines: readonly Line[]): void {
    if (lines.length === 0) return;
    for (const line of lines) this.#dropped += this.#lines.push(line);
    this.#pace();
    this.#wake();
  }

  #shift(): string | undefined {
    if (this.#dropped > 0) {
      const { text } = missingLine(this.#dropped);
      this.#dropped = 0;
      return text;
    }
    const line = this.#lines.shift();
    if (line) this.#pace();
    return line?.text;
  }

  /** While the reader is far behind, the node need not send all of the output. */
  #pace(): void {
    this.#watch.isAttending = this.#lines.size <= ENOUGH_WAITING;
  }

  #end(): void {
    for (const splitter of this.#splitters.values()) this.#push(splitter.end());
    this.#hasEnded = true;
    this.#wake();
  }

  /** Outputs also end when the node is lost: then this rejects, because lines may be missing. */
  async #atEnd(): Promise<IteratorResult<string, undefined>> {
    const { life, call, status } = this.#options;
    if (!this.#isGivenUp) {
      await status.catch((error) => {
        life.check(call);
        throw error;
      });
    }
    return { done: true, value: undefined };
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
