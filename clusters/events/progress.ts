import type { ProgressOutput } from "./changing_text.ts";
import { eventLine, isOngoing } from "./event_line.ts";
import type { EventStream } from "./event_stream.ts";
import type { ClusterEvent } from "./events.ts";
import { FailureReport } from "./failure_report.ts";
import { ProgressLines } from "./progress_lines.ts";

/** Events that are shown in every mode but `false`. */
const ALWAYS_SHOWN: readonly ClusterEvent["type"][] = [
  "warning",
  "essential-process-ended",
  "cost-estimated",
  "cost-incurred",
];

/** What is shown, and of which cluster. */
export interface ProgressOptions {
  /** The cluster's. */
  readonly name: string;
  /** `true`: long work. `"all"`: every event. @default what `CLUSTERTEST_PROGRESS` says, or `true` */
  readonly progress?: boolean | "all" | undefined;
  /** Where it is shown. @default standard error */
  readonly output?: ProgressOutput | undefined;
}

/**
 * Shows what takes a while: on a terminal a text that changes, elsewhere a line for each step; and what
 * is known of a test that has failed. With `"all"` it shows everything that happens, a line each. Ends
 * when it is disposed.
 */
export function showProgress(events: EventStream, options: ProgressOptions): Disposable {
  const { name, progress = progressFromEnvironment(), output } = options;
  const stack = new DisposableStack();
  if (progress === false) return stack;
  const lines = stack.use(new ProgressLines({ output, withTimes: progress === "all" }));
  const report = new FailureReport();
  stack.use(events.subscribe((event) => {
    if (isOngoing(event)) return lines.showWork(event);
    report.take(event);
    if (event.type === "test-ended" && event.verdict === "failed") {
      return lines.print(`${name}: ${report.lines(event).join("\n")}`, event.time);
    }
    const isShown = progress === "all" || ALWAYS_SHOWN.includes(event.type) || isLeftOver(event) ||
      isIncomplete(event);
    if (isShown) lines.print(`${name}: ${eventLine(event)}`, event.time);
  }));
  return stack;
}

/**
 * Whether something could not be given back. Who disposes of the cluster gets that as an error; but if
 * the test's body has failed as well, `deno test` says no more than that an error was suppressed.
 */
function isLeftOver(event: ClusterEvent): boolean {
  return event.type === "cluster-disposed" && event.errors.length > 0;
}

/** Whether files could not be collected: who looks for them would not know why they are missing. */
function isIncomplete(event: ClusterEvent): boolean {
  return event.type === "artifacts-collected" && event.errors.length > 0;
}

function progressFromEnvironment(): boolean | "all" {
  const value = Deno.env.get("CLUSTERTEST_PROGRESS") || "on";
  if (value === "all") return "all";
  if (value === "on" || value === "off") return value === "on";
  throw new RangeError(`CLUSTERTEST_PROGRESS must be "on", "all" or "off", not "${value}"`);
}
