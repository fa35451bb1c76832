/**
 * What a node can do: the one contract between the public API and the machine that does the work.
 *
 * It has two implementations. `LocalHost` (`agent/host/local_host.ts`) does everything on this
 * machine; `AgentHost` (`agent/client/agent_host.ts`) asks an agent, which asks a `LocalHost` over
 * there. Both throw the same errors: `Deno.errors.*` for files, processes that cannot start, and
 * connections; the reason of `signal`, unchanged, for an abort.
 *
 * @module
 */
import type { HostFiles } from "./host_files.ts";
import type { HostMachine } from "./host_machine.ts";
import type { HostMetrics } from "./host_metrics.ts";
import type { HostNetwork } from "./host_network.ts";
import type { HostPackets } from "./host_packets.ts";
import type { HostProcesses } from "./host_processes.ts";

export type { CallOptions } from "./call_options.ts";
export type {
  DownloadOptions,
  DownloadResult,
  FileOperation,
  FileOperations,
  HostFile,
  HostFiles,
  OpenOptions,
  WriteOptions,
  WriteTreeOptions,
} from "./host_files.ts";
export {
  MAX_ATTENDED,
  MAX_TERMINAL_SIZE,
  OUTPUT_LOG_SIZE,
  OUTPUT_RATE,
  READ_AHEAD,
} from "./host_processes.ts";
export type {
  FeedItem,
  FollowOptions,
  HostProcess,
  HostProcesses,
  LogTail,
  OutputFeed,
  OutputLog,
  OutputMode,
  OutputRecord,
  ProcessSpec,
  ProcessStatus,
  StartOptions,
  TerminalSize,
} from "./host_processes.ts";
export type {
  DialTarget,
  HostAddresses,
  HostConnection,
  HostListener,
  HostNetwork,
  ListenOptions,
  ListenTarget,
} from "./host_network.ts";
export type {
  HostPackets,
  JitterDistribution,
  MissingPart,
  PacketHold,
  PacketOptions,
  PacketProtocol,
  PacketRule,
  PacketShape,
  PacketShaping,
  PacketWatch,
  ProbeReceiver,
  ProbeTarget,
  TimedProbes,
} from "./host_packets.ts";
export { METRICS_LIMITS } from "./host_metrics.ts";
export type {
  FollowMetricsOptions,
  HostMetrics,
  HostSample,
  ProcessSample,
} from "./host_metrics.ts";
export { MAX_BUSY } from "./host_machine.ts";
export type {
  BusyWork,
  CpuUse,
  DiskProbe,
  FileSystem,
  FilledDisk,
  FillOptions,
  HostMachine,
  MachineResources,
} from "./host_machine.ts";

/** A machine, or a part of one, that runs commands, holds files and opens connections. */
export interface Host extends AsyncDisposable {
  /** What does not change. */
  readonly info: HostInfo;
  /** Its files. */
  readonly files: HostFiles;
  /** Its processes. */
  readonly processes: HostProcesses;
  /** Its connections. */
  readonly network: HostNetwork;
  /** The packets that pass its network. */
  readonly packets: HostPackets;
  /** What it has of a processor, of memory and of disks. */
  readonly machine: HostMachine;
  /** What it uses of its machine. */
  readonly metrics: HostMetrics;
  /** Ends every process that it started, closes what it opened, and leaves files alone. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What does not change while a host lives. */
export interface HostInfo {
  /** Absolute path against which relative paths resolve. */
  readonly rootDir: string;
  /** The operating system. */
  readonly os: typeof Deno.build.os;
  /** The processor. */
  readonly arch: typeof Deno.build.arch;
}
