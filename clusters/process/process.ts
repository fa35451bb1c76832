import {
  type HostProcess,
  type LogTail,
  type OutputMode,
  type ProcessSpec,
  type ProcessStatus,
} from "../../agent/host/host.ts";
import {
  AuthorCall,
  getterOf,
  guardedReadable,
  guardedWritable,
  type Lifeline,
  type NodeReadableStream,
  type StreamAccess,
} from "../calls/mod.ts";
import { AwaitedStatus } from "./awaited_status.ts";
import type { EndRequests } from "./end_requests.ts";
import type { LiveOutputs, OutputName } from "./live_outputs.ts";
import type { ProcessContext } from "./process_context.ts";
import { ProcessPause } from "./process_pause.ts";
import { isHere, outputsHere, wantedOutputs } from "./outputs_here.ts";
import { LINES_KINDS, type LinesOptions, ProcessLines } from "./process_lines.ts";
import { ProcessLog } from "./process_log.ts";
import { ProcessOutcome } from "./process_outcome.ts";
import { checkSignal } from "./check_signal.ts";
import {
  WAIT_FOR_OUTPUT_KINDS,
  waitForOutput,
  type WaitForOutputOptions,
} from "./wait_for_output.ts";

/** How a process has ended, for waits that its end makes pointless. */
export let outcomeOf: (process: Process) => ProcessOutcome;

/**
 * A process on a node: the leader of a group of its own.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const node = await cluster.addNode();
 * await using process = await node.spawn("cat", [], { stdin: "piped", stdout: "piped" });
 * const writer = process.stdin.getWriter();
 * await writer.write(new TextEncoder().encode("meow"));
 * await writer.close();
 * strictEqual(await process.stdout.text(), "meow");
 * strictEqual((await process.status).code, 0);
 * ```
 */
export class Process implements AsyncDisposable {
  /** Its number on the node. */
  readonly pid: number;
  readonly #status: Promise<ProcessStatus>;
  readonly #awaited: AwaitedStatus;
  readonly #spec: ProcessSpec;
  readonly #life: Lifeline;
  readonly #process: HostProcess;
  readonly #live: LiveOutputs;
  readonly #context: ProcessContext;
  readonly #requests: EndRequests;
  readonly #outcome: ProcessOutcome;
  readonly #log: ProcessLog;
  readonly #pause: ProcessPause;
  #stdin: WritableStream<Uint8Array> | undefined;
  #stdout: NodeReadableStream | undefined;
  #stderr: NodeReadableStream | undefined;
  #disposed = false;

  static {
    outcomeOf = (process) => process.#outcome;
  }

  /** @ignore */
  constructor(started: StartedProcess) {
    const { process, live, spec, life, context, number, inputFailed, requests, call } = started;
    this.#process = process;
    this.#live = live;
    this.#context = context;
    this.#log = new ProcessLog({ process, live, life });
    this.#requests = requests;
    this.#spec = spec;
    this.#life = life;
    this.pid = process.pid;
    this.#status = process.status.then(
      // A process that ended with its node has no status of its own.
      (status) => (life.check(call), inputFailed.throwIfAborted(), status),
      async (error) => Promise.reject(await life.explain(error, call)),
    );
    this.#awaited = new AwaitedStatus(context.nodeLife.waits, this.#status);
    const { node, backend } = life.label;
    const command = [spec.command, ...spec.args];
    this.#pause = new ProcessPause({ process, life, context, number, command });
    this.#outcome = new ProcessOutcome({
      ...{ node, backend, command, status: this.#status, live },
      isPaused: () => this.#pause.isOn,
    });
  }

  /**
   * Resolves when the process has ended. Rejects with a `NodeLostError` when its node is lost, with a
   * `NodeDownError` when the test has killed the node and may start it again, and with the error of the
   * stream that was its `input` when that has failed.
   */
  get status(): Promise<ProcessStatus> {
    this.#awaited.note(
      new AuthorCall(getterOf(this, "status"), { on: "process", name: "status" }),
    );
    return this.#status;
  }

  /**
   * The process's standard input. Closing it ends the input, and succeeds also when the process has ended;
   * a write that the process can no longer read fails. Throws unless `stdin` is `"piped"`.
   */
  get stdin(): WritableStream<Uint8Array> {
    if (this.#spec.stdin !== "piped") throw this.#notPiped("stdin");
    return this.#stdin ??= guardedWritable(this.#process.stdin, {
      ...this.#access("stdin"),
      mayCloseUnread: true,
    });
  }

  /**
   * The process's standard output, for one reader. Once reading has begun, back-pressure holds: when the
   * reader stops, the process blocks as soon as its pipe is full. That is so as well when a reader has
   * released its lock, so that the next reader misses nothing. Cancelling, as by leaving a `for await` loop,
   * lets the process go on. Throws when the output is discarded or goes into a file.
   */
  get stdout(): NodeReadableStream {
    this.#checkReadable("stdout", this.#spec.stdout);
    return this.#stdout ??= guardedReadable(this.#process.stdout, this.#access("stdout"));
  }

  /** The process's standard error; as {@linkcode Process.stdout}. */
  get stderr(): NodeReadableStream {
    this.#checkReadable("stderr", this.#spec.stderr);
    return this.#stderr ??= guardedReadable(this.#process.stderr, this.#access("stderr"));
  }

  /**
   * Waits until either output contains a text or matches a pattern, in what the process has written so far
   * or in what it writes from now on. Resolves to the match, which for a text has the text at `0`. It takes
   * nothing away from {@linkcode Process.stdout}, {@linkcode Process.lines} or other waits: each begins
   * with the whole log.
   *
   * It searches the log first, which holds the latest MiB of each output, and then all new output. A match
   * may begin at most 64 Ki characters before the newest part. `lastIndex` and the flags for global and
   * sticky search are ignored. A match that ends where the output ends so far is given 50 ms to grow, unless
   * a line ends there: the digits of a number may arrive in two parts.
   *
   * Rejects with a `ProcessEndedError` as soon as the process ends without a match, with a `TimeoutError`
   * when the time is over, with the reason of `cluster.signal` when the test is over, and with a `TypeError`
   * when both outputs are discarded or go into files. While it waits, the process blocks whenever more than
   * a MiB of an output is still on its way here; if an output is `"piped"` and nobody reads it, also once
   * 16 MiB of it wait for the reader.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * await using process = await node.spawn("sh", ["-c", "echo listening on 8080; sleep 10"]);
   * const [, port] = await process.waitForOutput(/listening on (\d+)/);
   * strictEqual(port, "8080");
   * ```
   */
  async waitForOutput(
    pattern: string | RegExp,
    options: WaitForOutputOptions = {},
  ): Promise<RegExpExecArray> {
    const { testFailed: over } = this.#context;
    const about = { on: "process", of: [pattern], kinds: WAIT_FOR_OUTPUT_KINDS, over } as const;
    const call = new AuthorCall(this.waitForOutput, { ...about, options, isPlaced: true });
    const wanted = { stream: "both", what: "wait for output" } as const;
    return await waitForOutput({
      life: this.#life,
      context: this.#context,
      call,
      pattern,
      options,
      live: this.#live,
      outputs: call.check(() => wantedOutputs(this.#spec, wanted)),
      log: this.#log,
      outcome: this.#outcome,
      hint: () => this.#unreadHint(),
    });
  }

  /**
   * Iterates over the lines that the process has written and goes on to write, without their ends (`\n` or
   * `\r\n`). Each call is a reader of its own; there may be any number of them, and none takes anything away
   * from the others. The lines end when the process has ended and all were read. Leaving the loop frees what
   * waits for this reader. A reader that keeps up gets all of the output, as
   * {@linkcode Process.waitForOutput} does.
   *
   * Memory is bounded, and a line stands for what is missing:
   * `[clustertest: 123456 bytes are missing here]`. Missing may be the beginning, which the log no longer
   * has (it holds the latest MiB of each output); the oldest lines, once 4 MiB wait for the reader; and,
   * while more than a MiB waits, parts of an output that is faster than the rate at which it is recorded. A
   * line of more than a MiB is cut, and ends with the same text.
   *
   * ```ts
   * import { deepStrictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * await using process = await node.spawn("sh", ["-c", "echo one; echo two"]);
   * deepStrictEqual(await Array.fromAsync(process.lines()), ["one", "two"]);
   * ```
   */
  lines(options: LinesOptions = {}): AsyncIterableIterator<string, undefined> & AsyncDisposable {
    const call = new AuthorCall(this.lines, { on: "process", options, kinds: LINES_KINDS });
    const { stream = "both", from } = options;
    const what = "read lines";
    const outputs = call.check(() => wantedOutputs(this.#spec, { stream, what }));
    const status = this.#status;
    const life = this.#life;
    // While the node is down, the lines come from the record of the run.
    if (!life.isDown) life.check(call);
    const [live, log] = [this.#live, this.#log];
    return new ProcessLines({ live, outputs, from, log, status, life, call });
  }

  /**
   * Stops the process, as if it hung: its group, and the descendants that have left the group, unless their
   * parent has ended. Resolves when all of them have stopped. Its connections stay open, and what others
   * send waits in them; output that is already on its way still arrives.
   *
   * {@linkcode Process.resume} lets it go on; {@linkcode Process.kill} does as well, so that it takes the
   * signal; pausing and resuming its node does not. It ends with its node as any process does. Pausing it
   * again stops what it had started in between. Rejects with `NotFound` when it has ended. When some of its
   * processes cannot be stopped, it rejects with an error that names them, and the process goes on.
   *
   * ```ts
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * await using process = await node.spawn("sh", ["-c", "while :; do echo alive; sleep 0.01; done"]);
   * await process.waitForOutput("alive");
   * await process.pause();
   * // What others make of its silence is asserted here.
   * await process.resume();
   * ```
   */
  async pause(): Promise<void> {
    await this.#pause.pause(new AuthorCall(this.pause, { on: "process" }));
  }

  /** Lets a paused process go on; does nothing if it is not paused, or has ended. */
  async resume(): Promise<void> {
    await this.#pause.resume(new AuthorCall(this.resume, { on: "process" }));
  }

  /**
   * Sends a signal to the whole group; does nothing once the process has ended. A paused process goes on and
   * takes the signal at once, unless it is one that stops processes. @default SIGTERM
   */
  async kill(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    const call = new AuthorCall(this.kill, { on: "process", of: [signal] });
    call.check(() => checkSignal(signal));
    this.#requests.addSignal(signal);
    await this.#life.during(call, () => this.#process.kill(signal));
    this.#pause.signalled(signal);
  }

  /**
   * The latest part of both outputs, as text: what the node's logs hold, at most 1 MiB each. For a process
   * that ran before its node was killed, the text comes from the record of the run, in which parts of a
   * fast output are missing. Rejects with `BadResource` once the process was disposed of.
   */
  async log(): Promise<{ stdout: string; stderr: string }> {
    if (this.#disposed) {
      throw new Deno.errors.BadResource("Cannot read the log: the process was disposed of");
    }
    const call = new AuthorCall(this.log, { on: "process" });
    const { stdout, stderr } = await this.#log.read(call);
    const decode = ({ bytes }: LogTail) => new TextDecoder().decode(bytes);
    return { stdout: decode(stdout), stderr: decode(stderr) };
  }

  /** Kills the group with `SIGKILL` and waits for its end. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#requests.add();
    const call = new AuthorCall(this[Symbol.asyncDispose], { on: "process" });
    await call.during(() => this.#process[Symbol.asyncDispose]());
  }

  #unreadHint(): string {
    const unread = outputsHere(this.#spec).filter((name) => {
      const stream = name === "stdout" ? this.#stdout : this.#stderr;
      return this.#spec[name] === "piped" && !stream;
    });
    return unread.map((name) => `; its ${name} is "piped", and nobody reads it`).join("");
  }

  #access(name: "stdin" | "stdout" | "stderr"): StreamAccess {
    return {
      life: this.#life,
      call: new AuthorCall(getterOf(this, name), { on: "process", name }),
    };
  }

  #checkReadable(name: OutputName, mode: OutputMode | undefined): void {
    if (!isHere(mode)) throw this.#notPiped(name);
  }

  #notPiped(name: "stdin" | "stdout" | "stderr"): TypeError {
    return new TypeError(
      `Cannot get "${name}" of "${this.#spec.command}": it is not piped. ` +
        `Pass ${name}: "piped" to spawn`,
    );
  }
}

/** A process of a node, as it was started. */
export interface StartedProcess {
  readonly process: HostProcess;
  readonly spec: ProcessSpec;
  readonly live: LiveOutputs;
  readonly context: ProcessContext;
  /** Unique in its cluster. */
  readonly number: number;
  /** The uptime of its node in which it was started. */
  readonly life: Lifeline;
  /** Aborts, with the error, when its input fails. */
  readonly inputFailed: AbortSignal;
  /** What the test does for it to end. */
  readonly requests: EndRequests;
  /** The call that errors name when the status cannot be known any more. */
  readonly call: AuthorCall;
}
