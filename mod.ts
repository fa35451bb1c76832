/**
 * Orchestrates transient clusters of nodes for tests. A test asks for nodes, sends files, starts
 * processes, opens connections, and asserts; the same test runs on local processes, on containers
 * and on instances, by changing one expression.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const nodes = await cluster.addNodes(5);
 * await Promise.all(nodes.map(async (node) => {
 *   await node.writeTextFile("hello.txt", "Hello, world!");
 *   const { stdout } = await node.run("cat", ["hello.txt"]);
 *   strictEqual(stdout, "Hello, world!");
 * }));
 * ```
 *
 * @module
 */
export { Cluster } from "./clusters/cluster.ts";
export type { ClusterOptions } from "./clusters/cluster_options.ts";
export { Node } from "./clusters/node.ts";
export type { ConnectOptions, ListenOptions } from "./clusters/node.ts";
export { NodeFiles } from "./clusters/node_files.ts";
export type { DownloadUrlOptions, NodeCallOptions } from "./clusters/node_files.ts";
export { NodeFile } from "./clusters/node_file.ts";
export { NodeConnection } from "./clusters/node_connection.ts";
export { NodeListener } from "./clusters/node_listener.ts";
export { Forward } from "./clusters/forward.ts";
export type { ForwardOptions } from "./clusters/forward.ts";
export { NodeReadableStream } from "./clusters/guarded_stream.ts";
export { Process } from "./clusters/process.ts";
export type { CommandResult, RunOptions, SpawnOptions } from "./clusters/command.ts";
export {
  BackendUnusableError,
  CommandError,
  MissingAbilityError,
  NodeLostError,
} from "./clusters/errors.ts";
export type { CommandFailure } from "./clusters/errors.ts";
export { EventStream } from "./clusters/event_stream.ts";
export type { EventListener } from "./clusters/event_stream.ts";
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
  WorkEvent,
} from "./clusters/events.ts";
export type {
  Abilities,
  AbilityName,
  Backend,
  BackendRecipe,
  ClusterContext,
  CreateOptions,
  HeartbeatOptions,
  Kill,
  LossReason,
  NodeOptions,
  NodeRequest,
  Pause,
  ProcessIdentity,
  ProvidedNode,
  Provider,
  Restart,
  RunIdentity,
  SweepOptions,
  SweepReport,
  SweptResource,
} from "./clusters/backend.ts";
