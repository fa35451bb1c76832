import { childStatus } from "./child_status.ts";
import { closedWritable, emptyReadable } from "./empty_streams.ts";
import {
  type HostProcess,
  type OutputLog,
  type ProcessSpec,
  type ProcessStatus,
  type TerminalSize,
} from "./host.ts";
import { type FileOutput, outputIntoFile } from "./output_into_file.ts";
import type { OomKills } from "./oom_kills.ts";
import type { LocalTerminal } from "./local_terminal.ts";
import type { ProcessFiles } from "./process_files.ts";
import { ProcessGroup } from "./process_group.ts";
import { ProcessInput } from "./process_input.ts";
import type { FollowOutput } from "./local_output_feed.ts";
import { ProcessOutput } from "./process_output.ts";
import { settledWithin } from "../settled_within.ts";

/** The code of what ended by `SIGKILL`. */
const KILLED = 137;

/** Milliseconds for which the end of a killed process is waited for. */
const KILL_TIMEOUT = 5_000;

/** Milliseconds after a kill for which pipes are still read that others hold open. */
const LINGER = 200;

/** A process that was just started, and how its streams are to be treated. */
export interface LocalProcessOptions {
  readonly child: Deno.ChildProcess;
  readonly spec: ProcessSpec;
  /** When it was started, by `performance.now()`. */
  readonly started: number;
  readonly files?: ProcessFiles | undefined;
  /** What its streams are in place of pipes. @default none */
  readonly terminal?: LocalTerminal | undefined;
  /** Follows its outputs. @default none */
  readonly follow?: FollowOutput | undefined;
  /** Tells whether the kernel has killed something for want of memory. */
  readonly oomKills: OomKills;
  /** Called once, when the process has ended and nothing of it is open any more. */
  readonly onSettled: () => void;
}

/** A process of this machine. */
export class LocalProcess implements HostProcess {
  readonly pid: number;
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly stderr: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly status: Promise<ProcessStatus>;
  readonly #group: ProcessGroup;
  readonly #input: ProcessInput | undefined;
  readonly #outputs: readonly (ProcessOutput | FileOutput | undefined)[];
  readonly #settled: Promise<void>;
  readonly #oomKills: OomKills;
  readonly #terminal: LocalTerminal | undefined;
  #hasEnded = false;
  #wasKilled = false;

  constructor(options: LocalProcessOptions) {
    const { child, spec, started, files, terminal, oomKills, onSettled } = options;
    this.#oomKills = oomKills;
    this.#terminal = terminal;
    this.pid = child.pid;
    this.#group = new ProcessGroup(child.pid);
    this.#input = inputOf(options);
    this.stdin = spec.stdin === "piped" ? this.#input!.stream : closedWritable();
    this.#outputs = [outputOf("stdout", options), outputOf("stderr", options)];
    [this.stdout, this.stderr] = this.#outputs.map(streamOf) as [Stream, Stream];
    const ended = childStatus(child).then((status) => this.#ended(status, started));
    this.#settled = this.#settle(ended, files, onSettled);
    this.status = files ? this.#afterFiles(ended) : ended;
    this.status.catch(() => {});
    // The caller of the disposer gets the error.
    this.#settled.catch(() => {});
  }

  async kill(signal: Deno.Signal): Promise<void> {
    this.#kill(signal);
    await this.#group.resumeFor(signal);
  }

  async pause(): Promise<void> {
    await this.#group.pause();
  }

  async resume(): Promise<void> {
    await this.#group.resume();
  }

  // deno-lint-ignore require-await -- what fails is to reject, not to throw
  async resize(size: TerminalSize): Promise<void> {
    if (!this.#terminal) throw new TypeError("Cannot resize a terminal: the process has none");
    this.#terminal.resize(size);
  }

  // deno-lint-ignore require-await -- the contract is that of a host far away
  async log(): Promise<OutputLog> {
    const [stdout, stderr] = this.#outputs.map((output) =>
      output instanceof ProcessOutput ? output.log : { bytes: new Uint8Array(), dropped: 0 }
    );
    return { stdout: stdout!, stderr: stderr! };
  }

  /**
   * Kills the group, unless its leader has ended by itself, and closes every pipe. Idempotent. Throws
   * when some of it is still there after five seconds, and names that.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasEnded) {
      await this.#group.resume();
      return await this.#closeOutputs();
    }
    try {
      await this.kill("SIGKILL");
    } catch (error) {
      // The wait for the end names the processes that the kill does not reach.
      if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    }
    const deadline = performance.now() + KILL_TIMEOUT;
    const timer = setTimeout(() => void this.#closeOutputs().catch(() => {}), LINGER);
    await settledWithin(KILL_TIMEOUT, this.#settled);
    clearTimeout(timer);
    await this.#group.gone(deadline);
    await this.#settled;
  }

  #kill(signal: Deno.Signal): void {
    if (signal === "SIGKILL") this.#wasKilled = true;
    this.#group.kill(signal);
  }

  /** A process that was killed from here needs no other reason. */
  #wasOutOfMemory({ code }: Deno.CommandStatus): boolean {
    return code === KILLED && !this.#wasKilled && this.#oomKills.claim();
  }

  #ended(status: Deno.CommandStatus, started: number): ProcessStatus {
    this.#hasEnded = true;
    this.#group.leaderEnded();
    for (const output of this.#outputs) {
      if (output instanceof ProcessOutput) output.processEnded();
    }
    const { success, code, signal } = status;
    const elapsed = performance.now() - started;
    const outOfMemory = this.#wasOutOfMemory(status) ? { outOfMemory: true as const } : {};
    return { success, code, signal, elapsed, ...outOfMemory };
  }

  /** Waits until everything is closed. */
  async #settle(
    ended: Promise<unknown>,
    files: ProcessFiles | undefined,
    onSettled: () => void,
  ): Promise<void> {
    await ended;
    await Promise.allSettled([
      this.#input?.processEnded(),
      ...this.#outputs.map((output) => output?.ended),
    ]);
    files?.[Symbol.dispose]();
    this.#terminal?.[Symbol.dispose]();
    onSettled();
  }

  /** A process has not done what was asked of it before its files have what it wrote. */
  async #afterFiles(ended: Promise<ProcessStatus>): Promise<ProcessStatus> {
    const status = await ended;
    for (const output of this.#outputs) {
      if (output && !(output instanceof ProcessOutput)) await output.ended;
    }
    return status;
  }

  async #closeOutputs(): Promise<void> {
    await Promise.all(this.#outputs.map((output) => output?.close()));
  }
}

type Stream = ReadableStream<Uint8Array<ArrayBuffer>>;

function inputOf({ child, spec, files, terminal }: LocalProcessOptions): ProcessInput | undefined {
  const { command, stdin = "null" } = spec;
  const file = files?.stdin;
  if (stdin === "null" || (file && !file.file)) return undefined;
  const pipe = terminal?.writable ?? child.stdin;
  const input = new ProcessInput(pipe, `the standard input of "${command}"`);
  if (file?.file) void input.feed(file.path, file.file);
  return input;
}

function outputOf(
  name: "stdout" | "stderr",
  { child, spec, files, terminal, follow }: LocalProcessOptions,
): ProcessOutput | FileOutput | undefined {
  const mode = spec[name] ?? "log";
  if (mode === "null") return undefined;
  const file = files?.[name];
  if (file) return file.file && outputIntoFile(child[name], file.path, file.file);
  const { command } = spec;
  return new ProcessOutput(terminal?.readable ?? child[name], {
    mode: mode === "piped" ? "piped" : "log",
    name,
    command,
    follow,
  });
}

function streamOf(output: ProcessOutput | FileOutput | undefined): Stream {
  if (output instanceof ProcessOutput) return output.stream;
  return emptyReadable();
}
