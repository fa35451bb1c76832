import type { ReportData, SpanKind } from "../report_data.ts";
import { isBand } from "./lane_layout.ts";

/** Bands that a chart has at most: of more it would be coloured all over. */
const MAX_BANDS = 200;

/** What lasted for a while and concerns what a chart shows, in milliseconds. */
export interface ChartBand {
  readonly kind: SpanKind;
  readonly start: number;
  readonly end: number;
}

/**
 * Faults while they are in force, and times at which a node was down or paused: those of the lane that is chosen, or, if none is,
 * all faults.
 */
export function chartBands({ spans, duration }: ReportData, lane: number | undefined): ChartBand[] {
  return spans.filter(isBand)
    .filter(({ kind, concerns, lane: own }) =>
      lane === undefined ? kind === "fault" : own === lane || concerns?.includes(lane)
    )
    .slice(0, MAX_BANDS)
    .map(({ kind, start, settled = start, end = duration, healing = end }) => (
      { kind, start: settled, end: healing }
    ));
}
