import type { ReportData } from "../report_data.ts";
import { isBand, type PlacedLane, ROW } from "./lane_layout.ts";
import type { Choice } from "./time_view.ts";

/** Where somebody points: a time, pixels from the top of the first lane, and the time of a few pixels. */
export interface Point {
  readonly time: number;
  readonly y: number;
  readonly tolerance: number;
}

/** The lane at a height; `undefined` below the last one. */
export function laneAt(lanes: readonly PlacedLane[], y: number): number | undefined {
  let [low, high] = [0, lanes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const { top, height } = lanes[middle]!;
    if (top + height <= y) low = middle + 1;
    else high = middle;
  }
  return low < lanes.length && y >= 0 ? low : undefined;
}

/** What is at a point: a bar, or else a mark, or else a band behind them. */
export function thingAt(
  data: ReportData,
  { lanes, point }: { readonly lanes: readonly PlacedLane[]; readonly point: Point },
): Choice | undefined {
  const lane = laneAt(lanes, point.y);
  if (lane === undefined) return undefined;
  const placed = lanes[lane]!;
  const row = Math.floor((point.y - placed.top) / ROW);
  return row < placed.rows
    ? barAt(data, { placed, row, point }) ?? bandAt(data, lane, point)
    : markAt(data, placed, point) ?? bandAt(data, lane, point);
}

function barAt(
  { duration }: ReportData,
  { placed, row, point }: {
    readonly placed: PlacedLane;
    readonly row: number;
    readonly point: Point;
  },
): Choice | undefined {
  const { time, tolerance } = point;
  const found = placed.spans.findLast(({ span, row: its }) =>
    its === row && span.start - tolerance <= time && time <= (span.end ?? duration) + tolerance
  );
  return found && { kind: "span", index: found.index };
}

function markAt(
  { marks }: ReportData,
  placed: PlacedLane,
  { time, tolerance }: Point,
): Choice | undefined {
  const distance = (index: number) => Math.abs(marks[index]!.time - time);
  const [nearest] = placed.marks.filter((index) => distance(index) <= 2 * tolerance)
    .sort((a, b) => distance(a) - distance(b));
  return nearest === undefined ? undefined : { kind: "mark", index: nearest };
}

function bandAt(
  { spans, duration }: ReportData,
  lane: number,
  { time, tolerance }: Point,
): Choice | undefined {
  const index = spans.findLastIndex((span) =>
    isBand(span) && (span.concerns ?? [span.lane]).includes(lane) &&
    span.start - tolerance <= time && time <= (span.end ?? duration) + tolerance
  );
  return index < 0 ? undefined : { kind: "span", index };
}
