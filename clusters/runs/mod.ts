/**
 * Reading the records of runs: which there are, what failed in them, and what processes wrote. A
 * record may be written meanwhile, cut by a kill, or damaged.
 *
 * @module
 */
export { clusterRecordFolder } from "./cluster_events.ts";
export { eventText } from "./event_text.ts";
export { logLines } from "./log_lines.ts";
export type { LogOptions } from "./log_lines.ts";
export { RecordError } from "./record_error.ts";
export { recordedEvents } from "./recorded_events.ts";
export { isAbortedTunnel, recordedFailure } from "./recorded_failures.ts";
export type { OutputIdentity } from "./output_identity.ts";
export type { OutputLine, RecordedOutput } from "./recorded_output.ts";
export { recordedMetrics } from "./recorded_metrics.ts";
export type { RecordedProcess, RecordedSample } from "./recorded_metrics.ts";
export { findRun, listRuns } from "./recorded_run.ts";
export type { RecordedRun, UnreadableRun } from "./recorded_run.ts";
export { runDetails } from "./run_details.ts";
export { RunOutputs } from "./run_outputs.ts";
export { runDuration, runState } from "./run_state.ts";
export { countOf, durationText, runSummary } from "./run_summary.ts";
export { processName } from "./select_outputs.ts";
export { testList } from "./test_lines.ts";
export { timeOfDay } from "./time_of_day.ts";
