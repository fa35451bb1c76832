import { failedSpans } from "./failed_spans.ts";
import type { ReadCluster } from "./moments.ts";
import type { ReportSpan } from "./report_data.ts";
import type { Timeline } from "./timeline.ts";

/** Characters of a command by which it is told from others of its program. */
const MAX_SAME = 100;

/**
 * The call with which a test has failed: the innermost wait that failed with its error, or else the command
 * of which the error tells, or else the innermost step. What is healed and removed between the end of that
 * and the end of the test was there when it failed.
 */
export function failedCall(
  error: string | undefined,
  { from, until, cluster, timeline, all }: {
    /** When the test began and ended, on the report's clock. */
    readonly from: number;
    readonly until: number;
    readonly cluster: ReadCluster;
    readonly timeline: Timeline;
    /** The spans of its cluster. */
    readonly all: readonly ReportSpan[];
  },
): ReportSpan | undefined {
  if (error === undefined) return undefined;
  const [line = ""] = String(error).split("\n", 1);
  const isWithin = ({ end = Infinity }: ReportSpan) => end >= from && end <= until;
  const named = (kind: "step" | "wait") =>
    failedSpans(error, { kind, cluster, timeline }).filter(isWithin).at(-1);
  const commandOf = () => {
    const told = all.filter((span) => isWithin(span) && isTold(span, { line, timeline }));
    // What a message quotes is not told from its label; then it is the latest of that program.
    return told.findLast(({ label }) => line.includes(`\`${label.slice(0, MAX_SAME)}`)) ??
      told.at(-1);
  };
  // A wait fails with an essential process, and is not what has failed.
  const isProcess = String(error).startsWith("EssentialProcessError");
  return isProcess && commandOf() || (named("wait") ?? commandOf() ?? named("step"));
}

/** Whether the first line of an error is that of a command: it names the program and the node. */
function isTold(
  { kind, state, lane, label }: ReportSpan,
  { line, timeline }: { readonly line: string; readonly timeline: Timeline },
): boolean {
  if (kind !== "process" || state !== "failed") return false;
  const [program = ""] = label.split(" ", 1);
  return line.includes(`\`${program}`) &&
    line.includes(`on node "${timeline.lanes[lane]?.node}"`);
}
