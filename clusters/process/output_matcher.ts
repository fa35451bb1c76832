import { ProcessEndedError } from "../errors.ts";
import type { OutputName } from "./live_outputs.ts";
import { type FoundOutput, type OutputPattern, OutputSearch } from "./output_search.ts";
import { OutputWatch, type OutputWatchOptions, type WatchedPart } from "./output_watch.ts";
import type { ProcessOutcome } from "./process_outcome.ts";

/** Milliseconds that a match at the very end of what has come has to grow. */
const GROWTH = 50;

/** What is said where one output alone was looked into: the other one does not come to the test. */
const ONLY_ONE: Readonly<Record<OutputName, string>> = {
  stdout: ", as its stderr goes elsewhere",
  stderr: ", as its stdout goes elsewhere",
};

/** What is looked for, and where. */
export interface MatcherOptions extends Pick<OutputWatchOptions, "live" | "outputs" | "log"> {
  /** What is waited for, as errors name it. */
  readonly what: string;
  readonly pattern: OutputPattern;
  readonly outcome: ProcessOutcome;
}

/** Looks for a pattern in what a process has written, and goes on to write. */
export class OutputMatcher implements Disposable {
  /** Resolves to the match; rejects when the process ends without one. */
  readonly found: Promise<RegExpExecArray>;
  /** Parts that were looked into. */
  count = 0;
  readonly #wait: MatcherOptions;
  readonly #searches: ReadonlyMap<OutputName, OutputSearch>;
  readonly #watch: OutputWatch;
  readonly #found = Promise.withResolvers<RegExpExecArray>();
  /** A match that may still grow, and in which output. */
  #growing: { readonly output: OutputName; readonly match: RegExpExecArray } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #size = 0;

  constructor(wait: MatcherOptions) {
    this.#wait = wait;
    const { outputs, pattern, outcome } = wait;
    this.found = this.#found.promise;
    this.found.catch(() => {});
    this.#searches = new Map(outputs.map((output) => [output, new OutputSearch(pattern)]));
    this.#watch = new OutputWatch({
      ...wait,
      from: "start",
      ended: outcome.status,
      onPart: (part) => this.#take(part),
      onEnd: () => void this.#end(),
    });
  }

  /** What was looked into, as messages say it. */
  get seen(): string {
    const parts = this.count === 1 ? "1 part" : `${this.count} parts`;
    const missing = [...this.#searches.values()].reduce((sum, { missing }) => sum + missing, 0);
    const gap = missing > 0 ? `, and ${missing} bytes before or between them were gone` : "";
    const { outputs } = this.#wait;
    const [which, note] = outputs.length > 1 ? ["output", ""] : [outputs[0], ONLY_ONE[outputs[0]!]];
    return `looked into ${this.#size} bytes of its ${which} in ${parts}${gap}${note}`;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#watch[Symbol.dispose]();
  }

  #take({ output, missing, bytes }: WatchedPart): void {
    this.count++;
    this.#size += bytes.length;
    const found = this.#searches.get(output)!.add(missing, bytes);
    if (found) this.#consider(output, found);
  }

  #consider(output: OutputName, { match, mayGrow }: FoundOutput): void {
    if (!mayGrow) return this.#resolve(match);
    if (this.#growing && this.#growing.output !== output) return;
    this.#growing = { output, match };
    this.#timer ??= setTimeout(() => this.#resolve(this.#growing!.match), GROWTH);
  }

  #resolve(match: RegExpExecArray): void {
    this[Symbol.dispose]();
    this.#found.resolve(match);
  }

  async #end(): Promise<void> {
    if (this.#growing) return this.#resolve(this.#growing.match);
    const { what, outcome } = this.#wait;
    try {
      const process = await outcome.ended();
      const error = { ...process, what: `Cannot complete ${what}`, seen: `; ${this.seen}` };
      this.#found.reject(new ProcessEndedError(error));
    } catch (error) {
      this.#found.reject(error);
    }
  }
}
