import type { ProgressOutput } from "./changing_text.ts";
import { eventLine, isOngoing } from "./event_line.ts";
import type { EventStream } from "./event_stream.ts";
import type { ClusterEvent } from "./events.ts";
import { FailureReport } from "./failure_report.ts";
import { LongWaits } from "./long_waits.ts";
import { OutputLines, type WrittenPart } from "./output_lines.ts";
import { ProgressLines } from "./progress_lines.ts";

/** Events that are shown in every mode but `false`. */
const ALWAYS_SHOWN: readonly ClusterEvent["type"][] = [
  "warning",
  "report-written",
  "essential-process-ended",
  "cost-estimated",
  "cost-incurred",
];

/** What is shown, and of which cluster. */
export interface ProgressOptions {
  /** The cluster's. */
  readonly name: string;
  /**
   * `true`: long work. `"all"`: every event. `"output"`: long work, and what processes write. @default
   * what `CLUSTERTEST_PROGRESS` says, or `true`
   */
  readonly progress?: boolean | "all" | "output" | undefined;
  /** Where it is shown. @default standard error */
  readonly output?: ProgressOutput | undefined;
  /** Milliseconds after which a wait is shown. @default 5000 */
  readonly patience?: number | undefined;
}

/** What is shown, until it is disposed. */
export interface Progress extends Disposable {
  /** Shows what processes write; absent where that is not wanted. */
  readonly takeOutput?: (part: WrittenPart) => void;
}

/**
 * Shows long work (on a terminal as a text that changes, elsewhere as a line for each step), waits that last
 * for some seconds, and a few lines about a failed test. With `"all"` it shows every event, a line each, and
 * with `"output"` also what processes write. Ends when it is disposed.
 */
export function showProgress(events: EventStream, options: ProgressOptions): Progress {
  const { name, progress = progressFromEnvironment(), output, patience } = options;
  const stack = new DisposableStack();
  if (progress === false) return stack;
  const lines = stack.use(new ProgressLines({ output, withTimes: progress !== true }));
  const report = new FailureReport();
  const waits = stack.use(
    new LongWaits((line, time) => lines.print(`${name}: ${line}`, time), { patience }),
  );
  stack.use(events.subscribe((event) => {
    if (isOngoing(event)) return lines.showWork(event);
    report.take(event);
    // With all events, their starts and ends are shown anyway.
    if (progress !== "all") waits.take(event);
    if (event.type === "test-ended" && event.verdict === "failed") {
      return lines.print(`${name}: ${report.lines(event).join("\n")}`, event.time);
    }
    const isShown = progress === "all" || ALWAYS_SHOWN.includes(event.type) || isLeftOver(event) ||
      isIncomplete(event);
    if (isShown) lines.print(`${name}: ${eventLine(event)}`, event.time);
  }));
  if (progress !== "output") return stack;
  const outputs = stack.use(
    new OutputLines((line) => lines.print(`${name}: ${line}`, Date.now())),
  );
  return {
    takeOutput: (part) => outputs.take(part),
    [Symbol.dispose]: () => stack[Symbol.dispose](),
  };
}

/**
 * Whether something could not be given back. Disposing of the cluster throws that as well; but if the body
 * of the test has failed, `deno test` only says that an error was suppressed.
 */
function isLeftOver(event: ClusterEvent): boolean {
  return event.type === "cluster-disposed" && event.errors.length > 0;
}

/** Whether files could not be collected: shown, so that their absence is explained. */
function isIncomplete(event: ClusterEvent): boolean {
  return event.type === "artifacts-missing" ||
    event.type === "artifacts-collected" && event.errors.length > 0;
}

/**
 * What is shown according to the environment.
 *
 * @throws {RangeError} if that says something else.
 */
export function progressFromEnvironment(): boolean | "all" | "output" {
  const value = Deno.env.get("CLUSTERTEST_PROGRESS") || "on";
  if (value === "all" || value === "output") return value;
  if (value === "on" || value === "off") return value === "on";
  throw new RangeError(
    `CLUSTERTEST_PROGRESS must be "on", "all", "output" or "off", not "${value}"`,
  );
}
