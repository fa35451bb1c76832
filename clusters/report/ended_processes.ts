import type { ReportSpan } from "./report_data.ts";

/** Processes that have ended in the same way, the latest first. */
type SameEnds = readonly [ReportSpan, ...ReportSpan[]];

/**
 * Those of the spans that are processes, ended within a time, and did not succeed: the ones that nobody
 * asked to end first, and the latest of these. What is tried until it succeeds ends in the same way many
 * times, and is one of them.
 */
export function endedProcesses(
  spans: readonly ReportSpan[],
  { from, at }: { readonly from: number; readonly at: number },
): SameEnds[] {
  const ended = spans.filter(({ kind, end, state }) =>
    kind === "process" && end !== undefined && end >= from && end <= at &&
    (state === "failed" || state === "asked")
  );
  // Of those that ended in the same millisecond, too.
  const latestFirst = ended.reverse().sort((a, b) => b.end! - a.end!);
  return repeats([
    ...latestFirst.filter(({ state }) => state === "failed"),
    ...latestFirst.filter(({ state }) => state === "asked"),
  ]);
}

function repeats(ended: readonly ReportSpan[]): SameEnds[] {
  const wayOf = ({ lane, label, state, facts = [] }: ReportSpan) =>
    JSON.stringify([lane, label, state, facts.find(([name]) => name === "ended")]);
  return [...Map.groupBy(ended, wayOf).values()] as [ReportSpan, ...ReportSpan[]][];
}
