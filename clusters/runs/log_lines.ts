import { delay } from "../../agent/delay.ts";
import { isRunning } from "../record/mod.ts";
import { inOrder } from "./in_order.ts";
import type { OutputLine } from "./recorded_output.ts";
import type { RecordedRun } from "./recorded_run.ts";
import { RunOutputs } from "./run_outputs.ts";
import { type OutputSelection, selectOutputs } from "./select_outputs.ts";

/** Milliseconds between looks at a record that grows. */
const POLL_INTERVAL = 100;

/** Which lines are wanted. */
export interface LogOptions extends OutputSelection {
  /** Goes on, as long as the run does. @default false */
  readonly follow?: boolean | undefined;
  /** Aborting ends it, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The lines that processes of a run wrote, in the order in which they came to the runner: those of
 * several processes to some 50 ms, those of one output exactly. Throws a `RecordError`
 * when nothing has the name that is asked for, with a list of what there is.
 */
export async function* logLines(
  run: RecordedRun,
  { follow = false, signal, ...selection }: LogOptions = {},
): AsyncGenerator<OutputLine, void, undefined> {
  const outputs = new RunOutputs(run);
  const isSelected = selectOutputs(run, outputs.all(), selection);
  for (;;) {
    signal?.throwIfAborted();
    // What is written after this look is seen by the next one.
    const isLast = !follow || !isRunning(run.index);
    const selected = outputs.all().filter(({ source }) => isSelected(source));
    yield* inOrder(selected.map((output) => output.lines({ all: isLast })));
    if (isLast) return;
    await delay(POLL_INTERVAL, signal);
  }
}
