/**
 * The record of an invocation: its index, the events of its clusters, and what processes wrote.
 *
 * @module
 */
export { ClusterRecord } from "./cluster_record.ts";
export { recordInterruption } from "./interruption.ts";
export type { Interruption } from "./interruption.ts";
export type { ProcessRecord } from "./process_record.ts";
export type { OutputLimits } from "./output_limits.ts";
