/**
 * For authors of backends: how an agent is built, started on a machine and connected to. See
 * `agent/PROTOCOL.md` for what goes over the wire.
 *
 * @module
 */
export { Fleet } from "./client/fleet.ts";
export type {
  AgentOnTheWay,
  AgentRoute,
  AgentSockets,
  ClockOffset,
  ConnectAgentOptions,
  FleetAgent,
  FleetOptions,
  Launch,
  LaunchDocument,
  LossReason,
  ModuleRenewal,
  ModuleRoute,
  ReachAgentOptions,
  Renewal,
  RenewalModule,
  RouteAccess,
  RouteModule,
  TunnelConnection,
} from "./client/fleet.ts";
export { EnrolmentError } from "./client/enrol.ts";
export { HostLostError } from "./client/host_lost_error.ts";
export { obtainAgent } from "./build/obtain_agent.ts";
export { agentTargets, linuxTargets } from "./build/agent_pack.ts";
export type {
  AgentPack,
  AgentTarget,
  BuildOptions,
  BuildProgress,
  LinuxTarget,
  PackFile,
} from "./build/agent_pack.ts";
export { packArchive } from "./build/pack_archive.ts";
export type { PackArchiveOptions } from "./build/pack_archive.ts";
export { LocalHost } from "./host/local_host.ts";
export type { LocalHostOptions } from "./host/local_host.ts";
export { OUTPUT_LOG_SIZE } from "./host/host.ts";
export type {
  BusyWork,
  CallOptions,
  CpuUse,
  DialTarget,
  DiskProbe,
  DownloadOptions,
  DownloadResult,
  FeedItem,
  FileOperation,
  FileOperations,
  FileSystem,
  FilledDisk,
  FillOptions,
  FollowMetricsOptions,
  FollowOptions,
  Host,
  HostAddresses,
  HostConnection,
  HostFile,
  HostFiles,
  HostInfo,
  HostListener,
  HostMachine,
  HostMetrics,
  HostNetwork,
  HostPackets,
  HostProcess,
  HostProcesses,
  HostSample,
  JitterDistribution,
  ListenOptions,
  ListenTarget,
  LogTail,
  MachineResources,
  MissingPart,
  OpenOptions,
  OutputFeed,
  OutputLog,
  OutputMode,
  OutputRecord,
  PacketHold,
  PacketOptions,
  PacketProtocol,
  PacketRule,
  PacketShape,
  PacketShaping,
  PacketWatch,
  ProbeReceiver,
  ProbeTarget,
  ProcessSample,
  ProcessSpec,
  ProcessStatus,
  StartOptions,
  TerminalSize,
  TimedProbes,
  WriteOptions,
  WriteTreeOptions,
} from "./host/host.ts";
