/**
 * Everything that happens in a cluster, as events; and their listeners, the record and the progress.
 *
 * @module
 */
export { tellOfBuild } from "./build_work.ts";
export { EventStream } from "./event_stream.ts";
export type { EventListener } from "./event_stream.ts";
export type {
  ClusterEvent,
  CommandEnd,
  CommandEvent,
  CostEstimate,
  CostSum,
  Emit,
  Ending,
  EventBase,
  EventDetail,
  NodeActionType,
  NodeEvent,
  TransferEvent,
  WorkDetail,
  WorkEvent,
} from "./events.ts";
export { tellOfLaunch } from "./launch_work.ts";
export { OngoingWork } from "./ongoing_work.ts";
export { showProgress } from "./progress.ts";
