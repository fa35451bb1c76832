import { Deadline } from "../../agent/deadline.ts";
import type { OutputLog } from "../../agent/host/host.ts";
import { type AuthorCall, emitAfter, type Lifeline, type NodeCallOptions } from "../calls/mod.ts";
import { ProcessEndedError } from "../errors.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import { checkDuration, TimeoutError, WAIT_TIMEOUT } from "../waiting/mod.ts";
import type { LiveOutputs, OutputName } from "./live_outputs.ts";
import { type FoundOutput, type OutputPattern, OutputSearch } from "./output_search.ts";
import { OutputWatch, type WatchedPart } from "./output_watch.ts";
import type { ProcessContext } from "./process_context.ts";
import type { ProcessOutcome } from "./process_outcome.ts";

/** Milliseconds that a match at the very end of what has come has to grow. */
const GROWTH = 50;

/** How long what a process writes is waited for. */
export interface WaitForOutputOptions extends NodeCallOptions {
  /** Milliseconds after which it fails; `Infinity` for never. @default 30000 */
  readonly timeout?: number | undefined;
}

/** Of `waitForOutput`. What is to be a duration is looked at by {@linkcode waitForOutput}. */
export const WAIT_FOR_OUTPUT_KINDS: OptionKinds<WaitForOutputOptions> = {
  timeout: kinds.number("milliseconds"),
  signal: kinds.signal,
};

/** What is waited for, and of which process. */
export interface OutputWait {
  readonly context: ProcessContext;
  /** That of the process. */
  readonly life: Lifeline;
  readonly call: AuthorCall;
  readonly pattern: OutputPattern;
  readonly options: WaitForOutputOptions;
  readonly live: LiveOutputs;
  /** Those that are looked into. */
  readonly outputs: readonly OutputName[];
  readonly log: () => Promise<OutputLog>;
  readonly outcome: ProcessOutcome;
  /** What may keep the process from writing, for the error of a wait that takes too long. */
  readonly hint: () => string;
}

/** Waits for `process.waitForOutput` until a process has written what matches a pattern. */
export async function waitForOutput(wait: OutputWait): Promise<RegExpExecArray> {
  const { context: { emit, name: node }, life, call, options } = wait;
  const { timeout = WAIT_TIMEOUT } = options;
  checkDuration("timeout", timeout);
  return await life.during(call, async (signal) => {
    emit({ type: "wait-started", node, call: call.name });
    using matcher = new OutputMatcher(wait);
    return await emitAfter(
      () => matched(matcher, wait, { timeout, signal }),
      (end) => emit({ type: "wait-ended", node, call: call.name, tries: matcher.count, ...end }),
    );
  });
}

async function matched(
  matcher: OutputMatcher,
  { context: { name, backend }, call, outcome, hint }: OutputWait,
  { timeout, signal }: { readonly timeout: number; readonly signal: AbortSignal },
): Promise<RegExpExecArray> {
  using deadline = new Deadline(timeout, [signal]);
  try {
    return await unlessAborted(matcher.found, deadline.signal);
  } catch (error) {
    if (!deadline.isOver || signal.aborted) throw error;
    throw new TimeoutError({
      what: call.name,
      state: "nothing of that was written",
      where: ` on node "${name}" (${backend})`,
      timeout,
      tries: matcher.count,
      seen: `${matcher.seen}${hint()}`,
      details: `${outcome}`,
    });
  }
}

/** Looks for a pattern in what a process has written, and goes on to write. */
class OutputMatcher implements Disposable {
  /** Resolves to the match; rejects when the process ends without one. */
  readonly found: Promise<RegExpExecArray>;
  /** Parts that were looked into. */
  count = 0;
  readonly #wait: OutputWait;
  readonly #searches: ReadonlyMap<OutputName, OutputSearch>;
  readonly #watch: OutputWatch;
  readonly #found = Promise.withResolvers<RegExpExecArray>();
  /** A match that may still grow, and in which output. */
  #growing: { readonly output: OutputName; readonly match: RegExpExecArray } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #size = 0;

  constructor(wait: OutputWait) {
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
    return `looked into ${this.#size} bytes of its output in ${parts}${gap}`;
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
    const { call, outcome } = this.#wait;
    try {
      const process = await outcome.ended();
      const what = `Cannot complete ${call.name}`;
      const error = new ProcessEndedError({ ...process, what, seen: `; ${this.seen}` });
      this.#found.reject(error);
    } catch (error) {
      this.#found.reject(error);
    }
  }
}
