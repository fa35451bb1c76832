/**
 * The report of a run: what happened, on one time line, in one file that opens without a network.
 *
 * @module
 */
export { junitReport } from "./junit_report.ts";
export { perfettoTrace } from "./perfetto_trace.ts";
export type {
  ReportData,
  ReportFact,
  ReportLane,
  ReportMark,
  ReportOutput,
  ReportSeries,
  ReportSpan,
  SpanKind,
  SpanState,
} from "./report_data.ts";
export { collectReport } from "./run_report.ts";
export type { RunReport } from "./run_report.ts";
export type { TestReport } from "./test_report.ts";
export { REPORT, writeReport } from "./write_report.ts";
