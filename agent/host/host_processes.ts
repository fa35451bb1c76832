import type { CallOptions } from "./call_options.ts";

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
