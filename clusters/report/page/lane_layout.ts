import type { ReportData, ReportSpan } from "../report_data.ts";

/** Pixels of a row of bars, of the strip below for marks and outputs, and between lanes. */
export const [ROW, STRIP, GAP] = [14, 9, 4];

/** Rows of one lane: what has no room is drawn in the last one. */
const MAX_ROWS = 12;

/** A span and where its bar is. */
export interface PlacedSpan {
  readonly index: number;
  readonly span: ReportSpan;
  readonly row: number;
}

/** A lane, and what is drawn in it. */
export interface PlacedLane {
  readonly top: number;
  readonly height: number;
  readonly rows: number;
  /** In the order of their starts. */
  readonly spans: readonly PlacedSpan[];
  /** Numbers of marks, in the order of their times. */
  readonly marks: readonly number[];
  /** Times of lines that were written, in order. */
  readonly lines: Float64Array;
}

/** What covers a whole lane, behind its bars. */
export function isBand({ kind }: ReportSpan): boolean {
  return kind === "fault" || kind === "down" || kind === "paused";
}

/** Where everything is, from the top of the first lane on. */
export function layOut(data: ReportData): PlacedLane[] {
  const spans = Map.groupBy(data.spans.keys(), (index) => data.spans[index]!.lane);
  const marks = Map.groupBy(data.marks.keys(), (index) => data.marks[index]!.lane);
  const lines = linesByLane(data);
  let top = 0;
  return data.lanes.map((_, lane) => {
    const placed = placeSpans(data, spans.get(lane) ?? []);
    const rows = 1 + Math.max(0, ...placed.map(({ row }) => row));
    const height = rows * ROW + STRIP + GAP;
    const order = (marks.get(lane) ?? []).sort((a, b) => data.marks[a]!.time - data.marks[b]!.time);
    const result = { top, height, rows, spans: placed, marks: order, lines: lines[lane]! };
    top += height;
    return result;
  });
}

function placeSpans(data: ReportData, indices: readonly number[]): PlacedSpan[] {
  const ends: number[] = [];
  return indices.map((index) => ({ index, span: data.spans[index]! }))
    .filter(({ span }) => !isBand(span) || span.kind === "fault")
    .sort((a, b) =>
      a.span.start - b.span.start || (b.span.end ?? Infinity) - (a.span.end ?? Infinity)
    )
    .map(({ index, span }) => {
      const free = ends.findIndex((end) => end <= span.start);
      const row = free >= 0 ? free : Math.min(ends.length, MAX_ROWS - 1);
      ends[row] = Math.max(ends[row] ?? 0, span.end ?? Infinity);
      return { index, span, row };
    });
}

function linesByLane({ lanes, outputs }: ReportData): Float64Array[] {
  const times: number[][] = lanes.map(() => []);
  for (const output of outputs) {
    let time = 0;
    for (const step of output.times) times[output.lane]?.push(time += step);
  }
  return times.map((each) => Float64Array.from(each).sort());
}
