/**
 * The record of an invocation: its index, its tests, the events of its clusters, and what processes wrote.
 *
 * @module
 */
export { ClusterRecord } from "./cluster_record.ts";
export { recordInterruption } from "./interruption.ts";
export type { Interruption } from "./interruption.ts";
export type { ProcessRecord } from "./process_record.ts";
export { TestRecord } from "./test_record.ts";
export { checkedLimits } from "./output_limits.ts";
export type { OutputLimits } from "./output_limits.ts";
export { TIMES_FILE } from "./output_times.ts";
export type { OutputTime } from "./output_times.ts";
export { hasFailed, inspectIndex, isRunning } from "./run_index.ts";
export type {
  ClusterEnd,
  ClusterEntry,
  FaultSeed,
  RecordedBackend,
  RecordedNode,
  RunIndex,
  TestEnd,
  TestEntry,
} from "./run_index.ts";
export type { SourceExcerpt, TestFailure } from "./test_failure.ts";
export { METRICS_FOLDER } from "./metrics_file.ts";
export type { MetricsHead } from "./metrics_file.ts";
export { RUNS } from "./runs_folder.ts";
export { sizeOnDisk } from "./size_on_disk.ts";
export { missingText } from "./output_file.ts";
