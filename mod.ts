/**
 * Orchestrates transient clusters of nodes for tests. A test asks for nodes, sends files, starts
 * processes, opens connections, and asserts; the same test runs on local processes, on containers
 * and on instances, by changing one expression.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { clusterTest } from "@clustertest/clustertest";
 *
 * Deno.test("every node reads back what it was sent", clusterTest(async (cluster) => {
 *   await cluster.addNodes(5);
 *   await cluster.each(async (node) => {
 *     await node.writeTextFile("hello.txt", "Hello, world!");
 *     const { stdout } = await node.run("cat", ["hello.txt"]);
 *     strictEqual(stdout, "Hello, world!");
 *   });
 * }));
 * ```
 *
 * @module
 */
export { abilitiesOf, Cluster } from "./clusters/cluster/mod.ts";
export type {
  ClusterOptions,
  EachContext,
  EachWork,
  ForwardsOptions,
  LocalEnd,
  MeasureOptions,
  NodeForEach,
  NodesOf,
  ResultForEach,
} from "./clusters/cluster/mod.ts";
export { Forwards } from "./clusters/cluster/mod.ts";
export type { OutputLimits } from "./clusters/record/mod.ts";
export { Node, NodeConnections } from "./clusters/node/mod.ts";
export type { HostSample, ProcessSample } from "./clusters/node/mod.ts";
export type { ConnectOptions, ListenOptions } from "./clusters/node/mod.ts";
export { UnhealthyError } from "./clusters/node/mod.ts";
export type { SpawnImageOptions, Unhealthy } from "./clusters/node/mod.ts";
export type { WaitForHttpOptions, WaitForPortOptions, WaitOptions } from "./clusters/node/mod.ts";
export { NodeFiles } from "./clusters/files/mod.ts";
export type {
  ChownOptions,
  DownloadUrlOptions,
  NodeDownloadOptions,
} from "./clusters/files/mod.ts";
export type { NodeCallOptions } from "./clusters/calls/mod.ts";
export { NodeFile } from "./clusters/files/mod.ts";
export { NodeConnection } from "./clusters/network/mod.ts";
export { NodeListener } from "./clusters/network/mod.ts";
export { Forward } from "./clusters/network/mod.ts";
export type { ForwardOptions } from "./clusters/network/mod.ts";
export { ReverseForward } from "./clusters/network/mod.ts";
export type { ReverseForwardOptions } from "./clusters/network/mod.ts";
export { NodeReadableStream } from "./clusters/calls/mod.ts";
export { Process } from "./clusters/process/mod.ts";
export type {
  CommandResult,
  LinesOptions,
  RunOptions,
  SpawnOptions,
  WaitForOutputOptions,
} from "./clusters/process/mod.ts";
export {
  BackendUnusableError,
  CommandError,
  EssentialProcessError,
  MissingAbilityError,
  NodeDownError,
  NodeLostError,
  NodesFailedError,
  ProcessEndedError,
  TestTimeoutError,
} from "./clusters/errors.ts";
export type { CommandFailure, EndedProcess, NodeFailure } from "./clusters/errors.ts";
export { eventually } from "./clusters/waiting/mod.ts";
export type { EventuallyOptions } from "./clusters/waiting/mod.ts";
export { clusterTest } from "./clusters/test/mod.ts";
export type {
  ArtifactOptions,
  ClusterTestBody,
  ClusterTestOptions,
  Keep,
} from "./clusters/test/mod.ts";
export { EventStream } from "./clusters/events/mod.ts";
export type { EventListener } from "./clusters/events/mod.ts";
export { Link, Mesh } from "./clusters/links/mod.ts";
export type { LinkOptions } from "./clusters/links/mod.ts";
export { Fault, FaultProofError, Faults } from "./clusters/faults/mod.ts";
export type {
  FaultDirection,
  FaultOptions,
  FaultSide,
  FullDiskOptions,
  JitterDistribution,
  MachineFaultOptions,
  PacketProtocol,
  ShapeOptions,
} from "./clusters/faults/mod.ts";
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
} from "./clusters/events/mod.ts";
export type {
  Abilities,
  AbilityName,
  Backend,
  BackendRecipe,
  ClusterContext,
  Composition,
  CreateOptions,
  HeartbeatOptions,
  Kill,
  LossReason,
  Needs,
  NodeNetwork,
  NodeOptions,
  NodeRequest,
  OptionKind,
  Partition,
  Pause,
  ProcessIdentity,
  ProvidedNode,
  Provider,
  RunIdentity,
  Start,
  StoredFiles,
  SweepOptions,
  SweepReport,
  SweptResource,
} from "./clusters/kit/mod.ts";
