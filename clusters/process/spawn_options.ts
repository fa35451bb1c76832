import type { OutputMode } from "../../agent/host/host.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";

/** How a process is started by `node.spawn`. */
export interface SpawnOptions {
  /** The folder to start in; a relative path begins at the node's `rootDir`. @default rootDir */
  readonly cwd?: string | undefined;
  /** Added to the node's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Start from an empty environment instead of the node's. @default false */
  readonly clearEnv?: boolean | undefined;
  /**
   * The user that the process runs as: `"postgres"`, `"1000"`, `"postgres:adm"` or `"1000:1000"`. Names, and
   * the supplementary groups, are those of the node's `/etc/passwd` and `/etc/group`; `HOME`, `USER`,
   * `LOGNAME` and `SHELL` are that user's, unless `env` has others. A number that has no entry there
   * has the group of the same number, if none is given, and no others.
   *
   * Needs a node whose agent is root: `docker({ user: "root" })`, or, for nodes of this machine, a test that
   * runs as root. Files that stand for its streams are opened as root. The user can enter the node's
   * `rootDir`, but can write only to what was given to it: see {@linkcode Node.chown}.
   * @default the user of the node's agent
   */
  readonly user?: string | undefined;
  /** `"piped"`: the process reads what is written to `process.stdin`. @default "null", which is empty */
  readonly stdin?: "piped" | "null" | undefined;
  /**
   * What the process reads from its standard input, which then ends. A stream is cancelled when the
   * process ends first. When the stream fails, the process and its group are killed with `SIGKILL`, and
   * `run` or `process.status` rejects with the error of the stream.
   */
  readonly input?: string | Uint8Array | ReadableStream<Uint8Array> | undefined;
  /** A file on the node that the process reads as its standard input. */
  readonly stdinFile?: string | undefined;
  /**
   * Where the output goes. `"log"`: into a bounded log on the node, so that the process never blocks for
   * want of a reader, except while `waitForOutput` or `lines` reads all of it; `process.stdout` begins with
   * what the log holds. `"piped"`: to the reader of `process.stdout`, with back-pressure; nothing is ever
   * dropped. `{ file }`: into a file on the node. @default "log"
   */
  readonly stdout?: OutputMode | undefined;
  /** As `stdout`. @default "log" */
  readonly stderr?: OutputMode | undefined;
  /** Aborting kills the process and its group with `SIGKILL`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds after which the process and its group are killed with `SIGKILL`, unless the process
   * has ended by then. They count from the call on, also while the node is paused; if the process has not
   * started by then, it never does, and the call fails. @default Infinity
   */
  readonly timeout?: number | undefined;
  /**
   * Whether the test is pointless without the process: when it ends, with whatever code, the test is over,
   * and `cluster.signal` aborts with an `EssentialProcessError`. Waits for services and outputs then fail at
   * once, without the option `while`.
   *
   * An end that the test has asked for does not count: by the process's `kill()`, `signal`, `timeout` or
   * disposal, or by killing, restarting or giving back its node. A signal such as `SIGHUP`, which need not
   * end a process, is such a request if it did. @default false
   */
  readonly essential?: boolean | undefined;
}

/** The kinds of the options of `spawn`; `processSpec()` checks their bounds. */
export const SPAWN_KINDS: OptionKinds<SpawnOptions> = {
  cwd: kinds.text,
  env: kinds.anything,
  clearEnv: kinds.flag,
  user: kinds.text,
  stdin: kinds.anything,
  input: kinds.anything,
  stdinFile: kinds.text,
  stdout: kinds.anything,
  stderr: kinds.anything,
  signal: kinds.signal,
  timeout: kinds.number("milliseconds"),
  essential: kinds.flag,
};
