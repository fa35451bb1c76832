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
   * Who the process belongs to: `"postgres"`, `"1000"`, `"postgres:adm"` or `"1000:1000"`. Names, and
   * the supplementary groups, are those of the node's `/etc/passwd` and `/etc/group`; `HOME`, `USER`,
   * `LOGNAME` and `SHELL` are that user's, unless `env` has others. A number that has no entry there
   * has the group of the same number, if none is given, and no others.
   *
   * Needs a node that is root: `docker({ user: "root" })`, or a test that runs as root for nodes of
   * this machine. Files that stand for streams are opened as root. The user can enter the node's
   * `rootDir`, but has to be given what is to be written there: see {@linkcode Node.chown}.
   * @default who the node's agent belongs to
   */
  readonly user?: string | undefined;
  /** `"piped"`: what is written to `process.stdin`. @default "null", which is empty */
  readonly stdin?: "piped" | "null" | undefined;
  /**
   * What the process reads from its standard input, which then ends. A stream is cancelled when the
   * process ends first. When it fails, the process and its group are killed with `SIGKILL`, and its
   * error is that of `run` or of `process.status`.
   */
  readonly input?: string | Uint8Array | ReadableStream<Uint8Array> | undefined;
  /** A file on the node that the process reads as its standard input. */
  readonly stdinFile?: string | undefined;
  /**
   * Where the output goes. `"log"`: into a bounded log on the node, so that it stops the process at
   * most while `waitForOutput` or `lines` is to get all of it; reading `process.stdout` begins with what
   * the log holds. `"piped"`: to the reader of `process.stdout`, who sets the pace; nothing is ever
   * dropped. `{ file }`: into a file on the node. @default "log"
   */
  readonly stdout?: OutputMode | undefined;
  /** As `stdout`. @default "log" */
  readonly stderr?: OutputMode | undefined;
  /** Aborting kills the process and its group with `SIGKILL`. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds after which the process and its group are killed with `SIGKILL`, unless the process
   * has ended by then. They count from the call on, also while the node is paused; a process that has
   * not started by then never does, and the call fails. @default Infinity
   */
  readonly timeout?: number | undefined;
  /**
   * Whether the test means nothing without the process: when it ends, with whatever code, the test is
   * over, and `cluster.signal` aborts with an `EssentialProcessError`. Waits for services and outputs then
   * fail at once: the option `while` is not needed besides. What the test asks for is no such
   * end: by the process's `kill()`, `signal`, `timeout` or disposal, or by what kills, restarts or gives
   * back its node. Of a signal such as `SIGHUP`, by which one asks for other things as well, it counts
   * if it has ended the process. @default false
   */
  readonly essential?: boolean | undefined;
}

/** Of `spawn`. What has bounds is checked by `processSpec()`. */
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
