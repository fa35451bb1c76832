import { Deadline } from "../../agent/deadline.ts";
import { type AuthorCall, emitAfter, type Lifeline, type NodeCallOptions } from "../calls/mod.ts";
import { unlessAborted } from "../concurrency/mod.ts";
import { TimeoutError } from "../errors.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import { checkDuration, WAIT_TIMEOUT } from "../waiting/mod.ts";
import { type MatcherOptions, OutputMatcher } from "./output_matcher.ts";
import type { ProcessContext } from "./process_context.ts";

/** How long what a process writes is waited for. */
export interface WaitForOutputOptions extends NodeCallOptions {
  /** Milliseconds after which it fails; `Infinity` for never. @default 30000 */
  readonly timeout?: number | undefined;
}

/** The kinds of the options of `waitForOutput`, which checks the bounds of `timeout` itself. */
export const WAIT_FOR_OUTPUT_KINDS: OptionKinds<WaitForOutputOptions> = {
  timeout: kinds.number("milliseconds"),
  signal: kinds.signal,
};

/** What is waited for, and of which process. */
export interface OutputWait extends Omit<MatcherOptions, "what"> {
  readonly context: ProcessContext;
  /** The uptime of the node in which the process was started. */
  readonly life: Lifeline;
  readonly call: AuthorCall;
  readonly options: WaitForOutputOptions;
  /** What may keep the process from writing, for the error of a wait that takes too long. */
  readonly hint: () => string;
}

/** Waits until a process has written what matches a pattern: `process.waitForOutput`. */
export async function waitForOutput(wait: OutputWait): Promise<RegExpExecArray> {
  const { context: { emit, name: node }, life, call, options } = wait;
  const { timeout = WAIT_TIMEOUT } = options;
  checkPattern(wait.pattern);
  checkDuration("timeout", timeout);
  return await life.during(call, async (signal) => {
    emit({ type: "wait-started", node, call: call.name, timeout, places: call.places });
    using matcher = new OutputMatcher({ ...wait, what: call.name });
    return await emitAfter(
      () => matched(matcher, wait, { timeout, signal }),
      (end) => emit({ type: "wait-ended", node, call: call.name, tries: matcher.count, ...end }),
    );
  });
}

function checkPattern(pattern: unknown): void {
  if (pattern instanceof RegExp || typeof pattern === "string" && pattern !== "") return;
  throw new TypeError(
    `Cannot wait for output: the pattern must be a RegExp, or a string that is not empty, not ${
      Deno.inspect(pattern)
    }`,
  );
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
      node: name,
      timeout,
      tries: matcher.count,
      seen: `${matcher.seen}${hint()}`,
      details: `${outcome}`,
    });
  }
}
