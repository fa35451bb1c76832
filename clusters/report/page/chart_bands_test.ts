import { deepStrictEqual } from "node:assert/strict";
import type { ReportData, ReportSpan } from "../report_data.ts";
import { chartBands } from "./chart_bands.ts";

Deno.test("chartBands() are all faults, or those of a lane and when its node was down or paused", () => {
  const span = (kind: ReportSpan["kind"], lane: number, more: Partial<ReportSpan> = {}) =>
    ({ kind, lane, start: 1, end: 3, state: "ok", label: kind, ...more }) as const;
  const spans = [
    span("fault", 0, { concerns: [1, 2], settled: 2, end: 4, healing: 3 }),
    span("down", 1, { end: undefined }),
    span("paused", 2),
    span("process", 1),
  ];
  const data = { spans, duration: 9 } as unknown as ReportData;
  const bands = (lane?: number) =>
    chartBands(data, lane).map(({ kind, start, end }) => [kind, start, end]);
  deepStrictEqual(bands(), [["fault", 2, 3]]);
  deepStrictEqual(bands(1), [["fault", 2, 3], ["down", 1, 9]]);
  deepStrictEqual(bands(2), [["fault", 2, 3], ["paused", 1, 3]]);
  deepStrictEqual(bands(3), []);
});
