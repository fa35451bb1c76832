import { plainLine } from "../events/mod.ts";
import { levelOf } from "./line_level.ts";
import type { ReportOutput, ReportSpan } from "./report_data.ts";
import type { Timeline } from "./timeline.ts";

/** Characters of a line that are shown. */
const MAX_LINE = 500;

/** Warnings and errors that are shown though the last lines are behind them. */
const MAX_GRAVE = 5;

/** Characters by which one warning is told from another. */
const MAX_KIND = 120;

/** A line that was written, and when, on the report's clock. */
export interface WrittenLine {
  readonly time: number;
  readonly text: string;
  /** Lines between the one that is shown before it and this one, which are left out; absent: none. */
  readonly omitted?: number;
}

/**
 * What a process had written last until a moment, of both of its outputs; nothing of what is none. Warnings
 * and errors `since` another one are kept, of each kind the first, however much was written after them.
 */
export function lastLinesOf(
  { process, lane }: ReportSpan,
  { outputs, timeline, since, until, count }: {
    readonly outputs: readonly ReportOutput[];
    readonly timeline: Timeline;
    readonly since: number;
    readonly until: number;
    readonly count: number;
  },
): WrittenLine[] {
  if (process === undefined) return [];
  const { cluster } = timeline.lanes[lane]!;
  const lines = outputs
    .filter((output) =>
      output.process === process && timeline.lanes[output.lane]?.cluster === cluster
    )
    .flatMap((output) => linesUntil(output, until))
    .sort((a, b) => a.time - b.time);
  const first = Math.max(0, lines.length - count);
  const last = Array.from({ length: lines.length - first }, (_, i) => first + i);
  return [...gravePlaces(lines.slice(0, first), since), ...last].map((place, i, places) => {
    const { time, text } = lines[place]!;
    const omitted = i === 0 ? 0 : place - places[i - 1]! - 1;
    const shown = plainLine(text, { colours: false }).slice(0, MAX_LINE);
    return { time, text: shown, ...omitted > 0 && { omitted } };
  });
}

/** Where the first warnings and errors are, of those that differ in their numbers only the first. */
function gravePlaces(lines: readonly WrittenLine[], since: number): number[] {
  const kinds = new Map<string, number>();
  for (const [place, { time, text }] of lines.entries()) {
    if (time < since || kinds.size >= MAX_GRAVE) continue;
    const plain = plainLine(text, { colours: false });
    if (levelOf(plain) === undefined) continue;
    const kind = plain.slice(0, MAX_KIND).replaceAll(/\d+/g, "#");
    if (!kinds.has(kind)) kinds.set(kind, place);
  }
  return [...kinds.values()];
}

function linesUntil({ times, text }: ReportOutput, until: number): WrittenLine[] {
  let time = 0;
  // Times are rounded.
  return text.split("\n").slice(0, times.length)
    .map((line, i) => ({ time: time += times[i]!, text: line }))
    .filter((line) => line.time <= until + 1 && line.text.trim() !== "");
}
