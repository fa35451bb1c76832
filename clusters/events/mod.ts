/**
 * Everything that happens in a cluster, as events; and their listeners, the record and the progress.
 *
 * @module
 */
export { reportBuild } from "./report_build.ts";
export { eventLine, isOngoing } from "./event_line.ts";
export { ClusterActivity } from "./cluster_activity.ts";
export type { RunningCommand } from "./cluster_activity.ts";
export { EventStream } from "./event_stream.ts";
export type { EventListener } from "./event_stream.ts";
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
} from "./events.ts";
export { plainLine, plainText } from "./plain_line.ts";
export { reportLaunch } from "./report_launch.ts";
export { OngoingWork } from "./ongoing_work.ts";
export type { WrittenPart } from "./output_lines.ts";
export { progressFromEnvironment, showProgress } from "./progress.ts";
export { lastLines } from "./last_lines.ts";
