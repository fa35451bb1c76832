import type { ReadCluster } from "./moments.ts";
import type { ReportSpan } from "./report_data.ts";
import type { Timeline } from "./timeline.ts";

/**
 * The steps, or the waits, that failed with an error, from the outermost one on: its name and message are
 * given.
 */
export function failedSpans(
  error: string | undefined,
  { kind: wanted, cluster, timeline }: {
    readonly kind: "step" | "wait";
    readonly cluster: ReadCluster | undefined;
    readonly timeline: Timeline;
  },
): ReportSpan[] {
  const said = firstLine(error);
  if (said === "") return [];
  const lanes = new Set(
    timeline.lanes.keys().filter((lane) => timeline.lanes[lane]!.cluster === cluster?.entry.folder),
  );
  return timeline.spans.filter(({ kind, state, lane, facts = [] }) =>
    kind === wanted && state === "failed" && lanes.has(lane) &&
    firstLine(facts.find(([name]) => name === "error")?.[1]) === said
  ).sort((a, b) => a.start - b.start);
}

/** Enough to tell one error from another; texts of both may have been cut. */
function firstLine(text = ""): string {
  return String(text).split("\n", 1)[0]!.slice(0, 1_000);
}
