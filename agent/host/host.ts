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

/** Every call takes this; aborting rejects with the signal's reason. */
export interface CallOptions {
  /** Aborting rejects with its reason, unchanged. */
  readonly signal?: AbortSignal | undefined;
}

// ---------------------------------------------------------------------------------------- files

/** The operations on names and attributes: what each takes, and what it resolves to. */
export interface FileOperations {
  /** What is known of a file; links are followed. */
  stat: { args: { path: string }; result: Deno.FileInfo };
  /** What is known of a file or link. */
  lstat: { args: { path: string }; result: Deno.FileInfo };
  /** The entries of a folder. */
  list: { args: { path: string }; result: Deno.DirEntry[] };
  /** Makes a folder. */
  mkdir: { args: { path: string; recursive?: boolean; mode?: number }; result: void };
  /** Removes a file or folder. */
  remove: { args: { path: string; recursive?: boolean }; result: void };
  /** Renames a file or folder. */
  rename: { args: { from: string; to: string }; result: void };
  /** Copies a file, with its permissions. */
  copy: { args: { from: string; to: string }; result: void };
  /** Changes permissions. */
  chmod: { args: { path: string; mode: number }; result: void };
  /**
   * Changes the owner: `USER`, `USER:`, `:GROUP` or `USER:GROUP`, each a name or a number. With
   * `recursive`, of all that is in a folder, too: of links themselves, not of what they lead to.
   */
  chown: { args: { path: string; owner: string; recursive?: boolean }; result: void };
  /** Makes a symbolic link at `path` that points to `target`. */
  symlink: { args: { target: string; path: string }; result: void };
  /** Where a symbolic link points to. */
  readLink: { args: { path: string }; result: string };
  /** The absolute path without links. */
  realPath: { args: { path: string }; result: string };
  /** Makes a file or folder with a new name; the result is its path. */
  makeTemp: {
    args: { kind: "file" | "directory"; dir?: string; prefix?: string; suffix?: string };
    result: string;
  };
}

/** The name of one of {@linkcode FileOperations}. */
export type FileOperation = keyof FileOperations;

/** Files: names and attributes by `call`, contents by streams. */
export interface HostFiles {
  /** Does one of {@linkcode FileOperations}. */
  call<O extends FileOperation>(
    operation: O,
    args: FileOperations[O]["args"],
    options?: CallOptions,
  ): Promise<FileOperations[O]["result"]>;
  /** Opens a file for reading from its start; rejects before any byte when it cannot be opened. */
  read(path: string, options?: CallOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /**
   * Opens a file for writing, making its parent folders. Closing the stream resolves once the file
   * is complete on the node; aborting it leaves what was written so far.
   */
  write(path: string, options?: WriteOptions): Promise<WritableStream<Uint8Array>>;
  /** Opens a file for reads and writes at any position. */
  open(path: string, options?: OpenOptions): Promise<HostFile>;
  /** A file or folder as a tar archive: names relative to it, modes and links kept. */
  readTree(path: string, options?: CallOptions): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
  /**
   * Unpacks a tar archive into a folder, which it makes; names that leave the folder are refused. A
   * symbolic link to a folder that was there before is followed, one of the archive is not.
   */
  writeTree(path: string, options?: WriteTreeOptions): Promise<WritableStream<Uint8Array>>;
  /** Fetches an `http:` or `https:` URL into a file, from the host itself. */
  download(url: string, path: string, options?: DownloadOptions): Promise<DownloadResult>;
}

/** How a file is written; as in `Deno.writeFile`. */
export interface WriteOptions extends CallOptions {
  /** Write behind what is there. @default false */
  readonly append?: boolean | undefined;
  /** Make the file if it is missing. @default true */
  readonly create?: boolean | undefined;
  /** Fail with `AlreadyExists` if it exists. @default false */
  readonly createNew?: boolean | undefined;
  /** Permission bits, before the host's umask is applied to a new file. */
  readonly mode?: number | undefined;
  /** Replaces also the content of a file that its mode keeps its owner from writing. @default false */
  readonly copy?: boolean | undefined;
  /** Leaves holes where there would be zeros. @default false */
  readonly sparse?: boolean | undefined;
}

/** How an archive is unpacked. */
export interface WriteTreeOptions extends CallOptions {
  /** Keep setuid, setgid and sticky bits. @default true */
  readonly keepSpecialModes?: boolean | undefined;
}

/** How a file is opened; as in `Deno.open`. */
export type OpenOptions = CallOptions & Deno.OpenOptions;

/** How a URL is fetched into a file. */
export interface DownloadOptions extends CallOptions {
  /** Lower-case hexadecimal digest that the content must have; otherwise no file is left behind. */
  readonly sha256?: string | undefined;
}

/** What a download brought. */
export interface DownloadResult {
  /** Bytes. */
  readonly size: number;
  /** Lower-case hexadecimal digest of the content. */
  readonly sha256: string;
}

/** An open file. Calls are done in the order in which they were made. */
export interface HostFile extends AsyncDisposable {
  /** Up to `length` bytes from the current position, or `null` at the end of the file. */
  read(length: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Writes all of `data` at the current position. */
  write(data: Uint8Array): Promise<void>;
  /** Resolves to the new position, in bytes from the start. */
  seek(offset: number | bigint, whence: Deno.SeekMode): Promise<number>;
  /** What is known of the file. */
  stat(): Promise<Deno.FileInfo>;
  /** Cuts or extends it. @default 0 bytes */
  truncate(length?: number): Promise<void>;
  /** Flushes data and metadata to the disk. */
  sync(): Promise<void>;
  /** Closes it. Idempotent. */
  close(): Promise<void>;
}

// ------------------------------------------------------------------------------------ processes

/** Processes: each is the leader of its own group. */
export interface HostProcesses {
  /** Resolves once the process runs; rejects with `NotFound` or `PermissionDenied` if it cannot. */
  start(spec: ProcessSpec, options?: StartOptions): Promise<HostProcess>;
  /** Follows what processes write that are then started with this feed. */
  follow(options?: FollowOptions): OutputFeed;
  /**
   * Asks every process that was started, and what those have started, to end (`SIGTERM`), and
   * resolves when they have, or after five seconds.
   */
  end(options?: CallOptions): Promise<void>;
  /** Kills every process that was started, and what those have started; resolves when all are gone. */
  kill(options?: CallOptions): Promise<void>;
}

/** How a process is started. */
export interface StartOptions extends CallOptions {
  /** Brings its outputs into a feed of this host, under a number of the caller's choice. */
  readonly follow?: { readonly feed: OutputFeed; readonly key: number } | undefined;
}

/** How outputs are followed. */
export interface FollowOptions {
  /** Bytes per second of each process: of a faster one, parts are left out. @default 1 MiB */
  readonly rate?: number | undefined;
}

/** Bytes per second that a feed brings of each process, unless its options say otherwise. */
export const OUTPUT_RATE: number = 1024 * 1024;

/**
 * What processes write, as it comes, besides what is read from their streams: those with the mode
 * `"log"` or `"piped"`. It stops no process, whether or not it is read. Disposing ends it.
 */
export interface OutputFeed extends AsyncDisposable {
  /** For one reader. It ends with the feed, and fails with the host. */
  readonly records: ReadableStream<FeedItem>;
  /** Brings what was written until now, and then `"flushed"`. */
  flush(): void;
  /**
   * Whether all is brought that the process with this number writes from now on, however fast it is.
   * Then it is read ahead of the reader of its stream, up to {@linkcode READ_AHEAD}, and stopped as long
   * as {@linkcode MAX_ATTENDED} of an output wait for the reader of the records. Resolves once it is so.
   */
  attend(key: number, isAttended: boolean): Promise<void>;
}

/** Bytes of an output that are read ahead of a reader who sets the pace, for a feed that is to bring all. */
export const READ_AHEAD: number = 16 * 1024 * 1024;

/** Bytes of an output that may wait in a feed that is to bring all of it. */
export const MAX_ATTENDED: number = 1024 * 1024;

/** What a feed brings. */
export type FeedItem = OutputRecord | "flushed";

/** A part of an output. */
export interface OutputRecord {
  /** Which process: the number with which it was started. */
  readonly key: number;
  /** Which of its outputs. */
  readonly output: "stdout" | "stderr";
  /** Bytes that were left out before `bytes`. */
  readonly missing: number;
  /** Possibly none. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether nothing more comes of this output. */
  readonly last: boolean;
}

/** What to start, and where its streams go. */
export interface ProcessSpec {
  /** A name that is looked for in PATH, or a path. */
  readonly command: string;
  /** What follows the command; no shell sees it. */
  readonly args: readonly string[];
  /** Resolved against `rootDir`. @default rootDir */
  readonly cwd?: string | undefined;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Start from an empty environment instead of the host's. @default false */
  readonly clearEnv?: boolean | undefined;
  /**
   * Who it belongs to: `USER` or `USER:GROUP`, each a name or a number, by the files `/etc/passwd` and
   * `/etc/group` of the host. It has that user's supplementary groups, and `HOME`, `USER`, `LOGNAME` and
   * `SHELL` of it. Needs a host that is root. @default who the host belongs to
   */
  readonly user?: string | undefined;
  /** Where its input comes from. @default "null" */
  readonly stdin?: "piped" | "null" | { readonly file: string } | undefined;
  /** Where its output goes. @default "log" */
  readonly stdout?: OutputMode | undefined;
  /** Where its errors go. @default "log" */
  readonly stderr?: OutputMode | undefined;
  /**
   * Gives it a terminal of this size: `stdin` is what is typed there, `stdout` what is shown, and all
   * that the process writes. Both are to be `"piped"`, and `stderr` `"null"`. Linux only.
   */
  readonly terminal?: TerminalSize | undefined;
}

/** How large a terminal is, in characters: 1 to 1,000 each. */
export interface TerminalSize {
  /** Lines. */
  readonly rows: number;
  /** Characters of a line. */
  readonly columns: number;
}

/** Rows and columns that a terminal has at most. */
export const MAX_TERMINAL_SIZE: number = 1_000;

/**
 * Where an output goes.
 *
 * - `"log"`: into a bounded log, so that it never stops the process. Reading the stream begins with
 *   the log's content; from then on the reader sets the pace. If the log had already dropped bytes
 *   when reading began, the stream fails and says so.
 * - `"piped"`: to the reader, who sets the pace from the start. Nothing is ever dropped. The log
 *   holds the latest bytes that passed.
 * - `"null"`: nowhere.
 * - `{ file }`: into a file on the host, which is truncated first.
 */
export type OutputMode = "log" | "piped" | "null" | { readonly file: string };

/**
 * A process that was started. Disposing it kills the group and waits for the end; a leader that has
 * ended by itself may have left others in the background, which then go on until the host ends them.
 */
export interface HostProcess extends AsyncDisposable {
  /** Its number on the host. */
  readonly pid: number;
  /** Closed at once unless `stdin` is `"piped"`. */
  readonly stdin: WritableStream<Uint8Array>;
  /** Empty for `"null"` and `{ file }`. Cancelling lets the rest go into the log. */
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** As `stdout`. */
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
  /**
   * Resolves when the process has ended, and the files that its outputs go into have all of it.
   * Rejects when the host was lost, or what an output goes into could not take it. A regular file is
   * what the process itself writes to: then its own write fails, and it says what that means.
   */
  readonly status: Promise<ProcessStatus>;
  /** Sends a signal to the whole group; does nothing once every process of the group has ended. */
  kill(signal: Deno.Signal): Promise<void>;
  /**
   * Stops every process of the group, and what they have started, also what has left the group since, as
   * long as its parent is one of them. Rejects with `NotFound` when all of it has ended, and when some of
   * it cannot be stopped; then it goes on. {@linkcode kill} lets it go on, unless the signal stops it.
   */
  pause(): Promise<void>;
  /** Lets all of it go on that was paused. */
  resume(): Promise<void>;
  /** Changes the size of its terminal, which programs are told; throws a `TypeError` if it has none. */
  resize(size: TerminalSize): Promise<void>;
  /** The latest bytes of both outputs: at most {@linkcode OUTPUT_LOG_SIZE} each. */
  log(): Promise<OutputLog>;
}

/** Bytes that the log of one output holds: older ones are dropped. */
export const OUTPUT_LOG_SIZE: number = 1024 * 1024;

/** How a process ended. */
export interface ProcessStatus {
  /** Whether the code is 0. */
  readonly success: boolean;
  /** The exit code; 128 plus the signal's number after a signal. */
  readonly code: number;
  /** The signal that ended it; `null` for a real-time one too, which Deno has no name for. */
  readonly signal: Deno.Signal | null;
  /** Milliseconds from start to end, on the host's clock. */
  readonly elapsed: number;
  /**
   * True when it ended by `SIGKILL`, or with the code 137 by which a shell tells of one, and the
   * host's control group has counted one more kill of the kernel's OOM killer; otherwise absent, and
   * so where no control group tells.
   */
  readonly outOfMemory?: true | undefined;
}

/** What the logs of a process hold. */
export interface OutputLog {
  /** Of the standard output. */
  readonly stdout: LogTail;
  /** Of the standard error. */
  readonly stderr: LogTail;
}

/** The latest bytes of one output. */
export interface LogTail {
  /** The latest ones. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes that came before `bytes` and are gone. */
  readonly dropped: number;
}

// -------------------------------------------------------------------------------------- network

/** How a listener is opened. */
export interface ListenOptions extends CallOptions {
  /** Takes why no connection can be accepted for a while: the host is out of descriptors, say. */
  readonly onTrouble?: ((message: string) => void) | undefined;
}

/** Connections from and to the host. */
export interface HostNetwork {
  /** Opens a connection from the host. */
  dial(target: DialTarget, options?: CallOptions): Promise<HostConnection>;
  /** Opens a listener on the host. */
  listen(target: ListenTarget, options?: ListenOptions): Promise<HostListener>;
  /** The host's name, as its operating system has it now. */
  hostname(options?: CallOptions): Promise<string>;
}

/** Where to connect to. Without `hostname`: to the host itself, on its loopback or own address. */
export type DialTarget =
  | { readonly transport: "tcp"; readonly hostname?: string | undefined; readonly port: number }
  | { readonly transport: "unix"; readonly path: string };

/** Where to listen. Port 0 picks a free one. Without `hostname`: where other nodes reach the host. */
export type ListenTarget =
  | DialTarget
  | {
    readonly transport: "tcp";
    readonly port: number;
    /** Where the host alone reaches itself: on its loopback, or its own address. */
    readonly reach: "host";
    readonly hostname?: undefined;
  };

/** Both ends of a connection, as seen by the host. */
export interface HostAddresses {
  /** The end on the host. */
  readonly localAddr: Deno.NetAddr | Deno.UnixAddr;
  /** The other end. */
  readonly remoteAddr: Deno.NetAddr | Deno.UnixAddr;
}

/**
 * A duplex connection. Closing `writable` half-closes it; `readable` may still bring bytes. Disposing
 * of it closes both directions at once, in order as far as the other end sees.
 */
export interface HostConnection extends HostAddresses, AsyncDisposable {
  /**
   * What arrives; ends when the other end closes its direction, and fails with `ConnectionReset` when
   * that end breaks the connection off.
   */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** What is sent; closing it half-closes the connection, and aborting it is as {@linkcode reset}. */
  readonly writable: WritableStream<Uint8Array>;
  /**
   * Resolves once both directions have ended and the host has sent all that it was given, or once the
   * connection was closed, broken off, or lost with the host. Never rejects.
   */
  readonly closed: Promise<void>;
  /**
   * Breaks both directions off at once: the other end sees a reset, where its transport knows that.
   * What waits to be sent is dropped. Idempotent.
   */
  reset(reason: unknown): Promise<void>;
}

/** A listener. Iterating it yields connections until it is disposed. */
export interface HostListener extends AsyncIterable<HostConnection>, AsyncDisposable {
  /** Where it listens, with the real port. */
  readonly addr: Deno.NetAddr | Deno.UnixAddr;
}

// -------------------------------------------------------------------------------------- packets

/** Protocols by which packets can be told apart. `"icmp"` is that of IPv6 as well. */
export type PacketProtocol = "tcp" | "udp" | "icmp";

/** Packets, those for which all of it holds. */
export interface PacketRule {
  /** Whether they come to the host, or are sent by it. */
  readonly direction: "in" | "out";
  /** The address of the other side. @default any */
  readonly peer?: string | undefined;
  /** Addresses that the other side does not have; packets within the host are left out as well. */
  readonly notPeers?: readonly string[] | undefined;
  /** Of which protocol they are. @default any */
  readonly protocol?: PacketProtocol | undefined;
  /** The port of the one side or of the other, of TCP and of UDP. @default any */
  readonly port?: number | undefined;
  /** Rules of the same link share its bandwidth. @default a link of its own */
  readonly link?: number | undefined;
}

/** What becomes of packets on their way. */
export interface PacketShaping {
  /** Milliseconds by which each is late. @default 0 */
  readonly latency?: number | undefined;
  /** Milliseconds by which that differs at most, both ways. The packets of a flow keep their order. @default 0 */
  readonly jitter?: number | undefined;
  /** How probable it is that one is lost, from 0 to 1. @default 0 */
  readonly loss?: number | undefined;
  /** Bits per second that pass a link. @default no limit */
  readonly bandwidth?: number | undefined;
  /** Two hosts with the same seed treat the same packets of the same flow alike: a number of 32 bits. */
  readonly seed: number;
}

/** What is done to packets that reach a host or leave it, and how it is found out what does. */
export interface HostPackets {
  /** The host's addresses, other than those by which it reaches itself, IPv4 before IPv6, those of a single link too. */
  addresses(options?: CallOptions): Promise<string[]>;
  /**
   * Drops packets, until it is disposed of or the host is gone. Needs Linux and NET_ADMIN; otherwise it
   * rejects with `Deno.errors.NotSupported`, which says what is missing, and nothing is dropped.
   */
  drop(rules: readonly PacketRule[], options?: PacketOptions): Promise<PacketHold>;
  /**
   * Delays packets, or loses some of them, until it is disposed of or the host is gone. Needs what `drop`
   * needs, and queues of packets; otherwise it rejects in the same way, and nothing is changed.
   */
  shape(
    rules: readonly PacketRule[],
    shaping: PacketShaping,
    options?: PacketOptions,
  ): Promise<PacketShape>;
  /** Counts packets that pass all that drops and shapes them, in the same way. */
  count(rules: readonly PacketRule[], options?: CallOptions): Promise<PacketHold>;
  /** What the kernel of the host lacks of what can be done to packets. No packet is concerned by that. */
  missingParts(options?: CallOptions): Promise<MissingPart[]>;
  /** Takes probes, at all addresses. */
  receiveProbes(options?: CallOptions): Promise<ProbeReceiver>;
  /** Sends probes: datagrams of UDP. Resolves when they were sent, whether or not they arrive. */
  sendProbes(target: ProbeTarget, options?: CallOptions): Promise<void>;
  /**
   * Sends probes that are to be answered, each from a port of its own, and resolves to the milliseconds
   * after which each answer has come that came.
   */
  timeProbes(target: TimedProbes, options?: CallOptions): Promise<number[]>;
}

/** What a kernel, or a process, lacks. */
export interface MissingPart {
  /**
   * What is missing: the privilege to change anything, tables of rules, their owners, rules that lead to a
   * queue, or queues that a process can read.
   */
  readonly part: "privilege" | "tables" | "owners" | "queueTarget" | "queues";
  /** A clause. */
  readonly reason: string;
  /** A sentence without a full stop, which names the command that loads what is missing, if one does. */
  readonly remedy: string;
}

/** How something is done to packets. */
export interface PacketOptions extends CallOptions {
  /**
   * A port of TCP of the host's own, where its agent is reached: what comes there and what is answered from
   * there passes, whatever the rules say. @default none
   */
  readonly sparedPort?: number | undefined;
}

/** Packets to which something is done, until it is disposed of. */
export interface PacketHold extends AsyncDisposable {
  /** How many it were until now, for each of the rules. */
  counts(): Promise<number[]>;
  /** Resolves, once, to why it has ended without being disposed of: with its host, say. */
  readonly lost: Promise<Error>;
}

/** Packets that are shaped. Disposing lets them pass, and those at once that wait. */
export interface PacketShape extends PacketHold {
  /** Shapes what these rules concern as well, and no more what those of an earlier call did: probes, say. */
  include(rules: readonly PacketRule[]): Promise<void>;
}

/** Takes probes until it is disposed of. */
export interface ProbeReceiver extends AsyncDisposable {
  /** The port of UDP where it does, on each address. */
  readonly port: number;
  /** How many have come until now that have this mark. */
  received(mark: string): Promise<number>;
}

/** Where probes are sent. */
export interface ProbeTarget {
  /** An address. */
  readonly hostname: string;
  /** Of UDP. */
  readonly port: number;
  /** Tells them from others: up to 64 letters and digits. */
  readonly mark: string;
  /** How many. */
  readonly count: number;
  /** Bytes of each. @default those of the mark */
  readonly size?: number | undefined;
  /** How many in a second. @default as many as can be sent */
  readonly rate?: number | undefined;
}

/** Probes that are answered. */
export interface TimedProbes extends Pick<ProbeTarget, "hostname" | "port" | "count"> {
  /** Milliseconds between two of them. */
  readonly interval: number;
  /** Milliseconds after which an answer is not waited for any more. */
  readonly patience: number;
}

// -------------------------------------------------------------------------------------- metrics

/** What a host uses of its machine. Needs Linux. */
export interface HostMetrics {
  /** What it uses now. Rejects with `Deno.errors.NotSupported` where the system does not tell. */
  sample(options?: CallOptions): Promise<HostSample>;
  /**
   * What it uses from now on, again and again: for one reader, who sets the pace, so nothing is sampled while
   * nobody reads. Fails as {@linkcode sample} does, and ends, or fails, with the host. Cancelling ends it.
   */
  follow(options?: FollowMetricsOptions): ReadableStream<readonly HostSample[]>;
}

/** How often samples are taken, and how many come together. */
export interface FollowMetricsOptions {
  /** Milliseconds between two samples; more where one takes so long that it would be felt. @default 1000 */
  readonly interval?: number | undefined;
  /** Samples that come together: of thousands of hosts, each by itself would be felt. @default 1 */
  readonly batch?: number | undefined;
}

/** Milliseconds between samples, and samples that come together, at most. */
export const METRICS_LIMITS: { readonly interval: number; readonly batch: number } = {
  interval: 3_600_000,
  batch: 1_000,
};

/**
 * What a host uses at a moment. Counters grow from one sample to the next, from some moment on; what the
 * system does not tell is absent.
 */
export interface HostSample {
  /** When it was taken: milliseconds since the epoch, on the host's clock. */
  readonly time: number;
  /**
   * What is counted. `"machine"`: all of the machine. `"container"`: what is in the host's control group.
   * `"processes"`: hosts share the machine, so it is the sum of the processes that this one has started.
   */
  readonly scope: "machine" | "container" | "processes";
  /** Processors that it may use: 0.5 is half of one. */
  readonly cores: number;
  /** Bytes of memory that it may use; absent where it has no limit of its own. */
  readonly memoryLimit?: number | undefined;
  /** A counter: milliseconds of processor time. */
  readonly cpu?: number | undefined;
  /** Bytes of memory, without what the system keeps of files only as long as nobody needs the room. */
  readonly memory?: number | undefined;
  /** A counter: bytes that came from other hosts; absent where hosts share the machine. */
  readonly received?: number | undefined;
  /** A counter: bytes that went to other hosts; absent where hosts share the machine. */
  readonly sent?: number | undefined;
  /** A counter: packets of what was received. */
  readonly packetsIn?: number | undefined;
  /** A counter: packets of what was sent. */
  readonly packetsOut?: number | undefined;
  /** A counter: bytes that were read from disks. */
  readonly read?: number | undefined;
  /** A counter: bytes that were written to disks. */
  readonly written?: number | undefined;
  /** Files, connections and the like that its processes have open. */
  readonly files?: number | undefined;
  /** Processes that ran or waited for a processor or a disk, on average of a minute, on all of the machine. */
  readonly load?: number | undefined;
  /** Those that were started on it, each with what it has started itself. */
  readonly processes: readonly ProcessSample[];
}

/** What a process uses, together with all that it has started. */
export interface ProcessSample {
  /** Its number on the host. */
  readonly pid: number;
  /** A counter: milliseconds of processor time. */
  readonly cpu: number;
  /** Bytes of memory that are in use by it; what processes share counts for each. */
  readonly memory: number;
}

// -------------------------------------------------------------------------------------- machine

/** What a host has of a processor, of memory and of disks, and how disks are filled. */
export interface HostMachine {
  /** What it may use, and uses now. */
  resources(options?: CallOptions): Promise<MachineResources>;
  /** Keeps processors busy, to find out how much of them it gets. */
  keepBusy(work: BusyWork, options?: CallOptions): Promise<CpuUse>;
  /** The file system of a folder. Rejects as `stat` does. Linux only. */
  fileSystem(path: string, options?: CallOptions): Promise<FileSystem>;
  /**
   * Takes all room of the file system of a folder but `leave` bytes, until it is disposed of or the host is
   * gone, by a file that has no name. Rejects, and takes none, when it cannot.
   */
  fillDisk(path: string, options: FillOptions): Promise<FilledDisk>;
}

/** What a host may use, and uses now; `null` is what it has no limit of, or does not tell. */
export interface MachineResources {
  /** Processors that it may run on. */
  readonly processors: number;
  /** How many processors' time it gets, as in `0.5`. */
  readonly cpuLimit: number | null;
  /** Bytes of memory of the machine. */
  readonly memory: number;
  /** Bytes of memory that could be used now, by whatever runs on the machine. */
  readonly memoryAvailable: number;
  /** Bytes that it gets. */
  readonly memoryLimit: number | null;
  /** Bytes that it uses, without what the kernel keeps of files and can give up. */
  readonly memoryUsed: number | null;
}

/** How processors are kept busy. */
export interface BusyWork {
  /** How many at the same time: 1 to {@linkcode MAX_BUSY}. */
  readonly processors: number;
  /** Milliseconds: 1 to 10,000. */
  readonly duration: number;
}

/** Processors that can be kept busy at the same time. */
export const MAX_BUSY: number = 24;

/** How much of the processors a host got, with all that runs on it. */
export interface CpuUse {
  /** Milliseconds that passed. */
  readonly elapsed: number;
  /** Milliseconds of processors' time; `null` if the host does not tell. */
  readonly used: number | null;
  /** How often a limit has stopped it meanwhile; `null` if the host does not tell. */
  readonly throttled: number | null;
}

/** A file system, as one of its folders shows it. */
export interface FileSystem {
  /** Where it is mounted. */
  readonly mountPoint: string;
  /** As in `"ext4"`. */
  readonly type: string;
  /** What is mounted: a device, a server's name, or what the type makes of it. */
  readonly source: string;
  /** Bytes. */
  readonly size: number;
  /** Bytes that the host can still write. */
  readonly free: number;
}

/** How a disk is filled. */
export interface FillOptions extends CallOptions {
  /** Bytes that stay free. */
  readonly leave: number;
}

/** A file system that is full. Disposing gives its room back. */
export interface FilledDisk extends AsyncDisposable {
  /** Takes what others have freed meanwhile. */
  refill(): Promise<void>;
  /** Writes until there is no room left, or some more than was to be left, and removes that again. */
  probe(): Promise<DiskProbe>;
  /** Resolves, once, to why it has ended without being disposed of: with its host, say. */
  readonly lost: Promise<Error>;
}

/** What could be written to a disk. */
export interface DiskProbe {
  /** Bytes. */
  readonly written: number;
  /** Whether the file system refused more for want of room (`ENOSPC`). */
  readonly isFull: boolean;
}
