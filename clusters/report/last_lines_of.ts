import { plainLine } from "../events/mod.ts";
import type { ReportOutput, ReportSpan } from "./report_data.ts";
import type { Timeline } from "./timeline.ts";

/** Characters of a line that are shown. */
const MAX_LINE = 500;

/** A line that was written, and when, on the report's clock. */
export interface WrittenLine {
  readonly time: number;
  readonly text: string;
}

/** What a process had written last until a moment, of both of its outputs; nothing of what is none. */
export function lastLinesOf(
  { process, lane }: ReportSpan,
  { outputs, timeline, until, count }: {
    readonly outputs: readonly ReportOutput[];
    readonly timeline: Timeline;
    readonly until: number;
    readonly count: number;
  },
): WrittenLine[] {
  if (process === undefined) return [];
  const { cluster } = timeline.lanes[lane]!;
  return outputs
    .filter((output) =>
      output.process === process && timeline.lanes[output.lane]?.cluster === cluster
    )
    .flatMap((output) => linesUntil(output, until))
    .sort((a, b) => a.time - b.time)
    .slice(-count)
    .map(({ time, text }) => ({
      time,
      text: plainLine(text, { colours: false }).slice(0, MAX_LINE),
    }));
}

function linesUntil({ times, text }: ReportOutput, until: number): WrittenLine[] {
  let time = 0;
  // Times are rounded.
  return text.split("\n").slice(0, times.length)
    .map((line, i) => ({ time: time += times[i]!, text: line }))
    .filter((line) => line.time <= until + 1 && line.text.trim() !== "");
}
