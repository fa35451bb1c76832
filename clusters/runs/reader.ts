/**
 * Reads the records of runs, for tools of one's own: which runs there are, their tests with what failed,
 * their clusters, what happened in those, and what processes wrote. A record may be read while it is
 * written, and after its runner was killed. What is long is read as it is iterated. The layout is described
 * in `clusters/record/README.md` of the package.
 *
 * All of it is what tests and their nodes have written: escape it before it is shown.
 *
 * ```ts
 * import { ok } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 * import { clusterEvents, listRuns, logLines } from "@clustertest/clustertest/record";
 *
 * await using cluster = await Cluster.create();
 * const node = await cluster.addNode();
 * await node.run("echo", ["hello"]);
 *
 * for (const run of listRuns(".")) {
 *   // Another program would look at the newest: `findRun(".")`.
 *   const entry = "index" in run && run.index.clusters.find(({ id }) => id === cluster.id);
 *   if (!entry) continue;
 *   const kinds = [...clusterEvents(run, entry)].map(({ type }) => type);
 *   ok(kinds.includes("command-ended"));
 *   for await (const { text } of logLines(run, { node: `${entry.id}/node1` })) ok(text === "hello");
 * }
 * ```
 *
 * @module
 */
export { clusterEvents } from "./cluster_events.ts";
export { nodeMetrics } from "./recorded_metrics.ts";
export type { RecordedProcess, RecordedSample } from "./recorded_metrics.ts";
export { eventText } from "./event_text.ts";
export { logLines } from "./log_lines.ts";
export type { LogOptions } from "./log_lines.ts";
export { RecordError } from "./record_error.ts";
export type { OutputIdentity } from "./output_identity.ts";
export type { OutputLine } from "./recorded_output.ts";
export { findRun, listRuns } from "./recorded_run.ts";
export type { RecordedRun, UnreadableRun } from "./recorded_run.ts";
export type { OutputSelection } from "./select_outputs.ts";
export type {
  ClusterEnd,
  ClusterEntry,
  FaultSeed,
  RecordedBackend,
  RecordedNode,
  RunIndex,
  SourceExcerpt,
  TestEnd,
  TestEntry,
  TestFailure,
} from "../record/mod.ts";
export type { RecordedOptions, RecordedValue } from "../options/mod.ts";
export type { ProcessIdentity } from "../kit/mod.ts";
export type {
  ClusterEvent,
  CollectedArtifacts,
  CommandEnd,
  CommandEvent,
  CommandStart,
  CostEstimate,
  CostSum,
  Emit,
  Ending,
  EventBase,
  EventDetail,
  FaultCheck,
  FaultEvent,
  FaultMeasurement,
  FaultProof,
  LinkEvent,
  LinkWay,
  MachineCheck,
  Measure,
  NodeActionType,
  NodeClock,
  NodeEvent,
  NodeTraits,
  OpenWay,
  Placed,
  ProbeProtocol,
  ProcessActionType,
  StepEvent,
  TestResult,
  TransferEvent,
  WaitEvent,
  WorkDetail,
  WorkEvent,
} from "../events/mod.ts";
