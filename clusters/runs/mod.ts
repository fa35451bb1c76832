/**
 * Reading the records of runs: which there are, what failed in them, and what processes wrote. A
 * record may be written meanwhile, cut by a kill, or damaged.
 *
 * @module
 */
export { logLines } from "./log_lines.ts";
export type { LogOptions } from "./log_lines.ts";
export { RecordError } from "./record_error.ts";
export type { OutputLine, OutputSource } from "./recorded_output.ts";
export { findRun, listRuns } from "./recorded_run.ts";
export type { RecordedRun, UnreadableRun } from "./recorded_run.ts";
export { runDetails } from "./run_details.ts";
export { runSummary } from "./run_summary.ts";
export { processName } from "./select_outputs.ts";
export { testList } from "./test_lines.ts";
export { timeOfDay } from "./time_of_day.ts";
