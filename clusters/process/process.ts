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
import type { EndRequests } from "./end_requests.ts";
import type { LiveOutputs, OutputName } from "./live_outputs.ts";
import type { ProcessContext } from "./process_context.ts";
import { ProcessPause } from "./process_pause.ts";
import { isHere, outputsHere, wantedOutputs } from "./outputs_here.ts";
import { LINES_KINDS, type LinesOptions, ProcessLines } from "./process_lines.ts";
import { ProcessLog } from "./process_log.ts";
import { ProcessOutcome } from "./process_outcome.ts";
import {
  WAIT_FOR_OUTPUT_KINDS,
  waitForOutput,
  type WaitForOutputOptions,
} from "./wait_for_output.ts";

/** How a process has ended, for those who wait for something else meanwhile. */
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
  /**
   * Resolves when the process has ended; rejects with a `NodeLostError` when its node has, with a
   * `NodeDownError` when the test has killed that and may start it again, and with the error of its
   * `input` when that is a stream which failed.
   */
  readonly status: Promise<ProcessStatus>;
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
    this.status = process.status.then(
      // A process that ended with its node has no status of its own.
      (status) => (life.check(call), inputFailed.throwIfAborted(), status),
      async (error) => Promise.reject(await life.explain(error, call)),
    );
    this.status.catch(() => {});
    const { node, backend } = life.label;
    const command = [spec.command, ...spec.args];
    this.#pause = new ProcessPause({ process, life, context, number, command });
    this.#outcome = new ProcessOutcome({
      ...{ node, backend, command, status: this.status, record: live.record },
      isPaused: () => this.#pause.isOn,
    });
  }

  /**
   * What the process reads. Closing it ends the input, whether or not the process is still there to
   * read; a write that the process does not read fails. Throws unless `stdin` is `"piped"`.
   */
  get stdin(): WritableStream<Uint8Array> {
    if (this.#spec.stdin !== "piped") throw this.#notPiped("stdin");
    return this.#stdin ??= guardedWritable(this.#process.stdin, {
      ...this.#access("stdin"),
      mayCloseUnread: true,
    });
  }

  /**
   * What the process writes, for one reader, who sets the pace once reading began: when the reader
   * stops, back-pressure blocks the process as soon as its pipe is full. That is so, too, when a reader
   * has only released its lock, for the next one is to miss nothing. Cancelling lets the process go on,
   * and leaving a `for await` loop does that. Throws when the output goes nowhere or into a file.
   */
  get stdout(): NodeReadableStream {
    this.#checkReadable("stdout", this.#spec.stdout);
    return this.#stdout ??= guardedReadable(this.#process.stdout, this.#access("stdout"));
  }

  /** As {@linkcode Process.stdout}. */
  get stderr(): NodeReadableStream {
    this.#checkReadable("stderr", this.#spec.stderr);
    return this.#stderr ??= guardedReadable(this.#process.stderr, this.#access("stderr"));
  }

  /**
   * Waits until what the process has written so far, or writes, on either output, has a text or matches a
   * pattern, and resolves to the match: for a text it has the text at `0`. Takes nothing away from
   * {@linkcode Process.stdout}, {@linkcode Process.lines} and other waits, each of which begins anew.
   *
   * It looks into the log first, which holds the latest MiB of each output, and then into all that comes;
   * a match may reach 64 Ki characters back from a part that has just come. `lastIndex` and the flags for
   * global and sticky search mean nothing. A match of a pattern at the very end of what has come is given
   * 50 ms to grow, unless a line ends there: a number may have come in two parts.
   *
   * Rejects with a `ProcessEndedError` at once when the process ends without a match, with a `TimeoutError`
   * when the time is over, with the reason of `cluster.signal` when the test is over, and with a `TypeError`
   * when both outputs go elsewhere. While it waits, the process is stopped for as long as more than a MiB
   * of an output has not come here; and one whose output is `"piped"`, and not read, once 16 MiB of that
   * wait for the reader.
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
    return await waitForOutput({
      life: this.#life,
      context: this.#context,
      call,
      pattern,
      options,
      live: this.#live,
      outputs: wantedOutputs(this.#spec, { stream: "both", what: "wait for output" }),
      log: this.#log,
      outcome: this.#outcome,
      hint: () => this.#unreadHint(),
    });
  }

  /**
   * The lines that the process has written and goes on to write, without their ends (`\n` or `\r\n`), for
   * one reader; there may be any number of them, and none takes anything away from the others. They end
   * when the process has ended and all was read. A reader who leaves its loop frees what waits for it. As
   * long as a reader keeps up, all of the output is brought, as for {@linkcode Process.waitForOutput}.
   *
   * Nothing is kept without bound, and what is missing is said by a line in its place:
   * `[clustertest: 123456 bytes are missing here]`. That is so for what the log had dropped of the beginning
   * (it holds the latest MiB of each output); for the oldest lines once 4 MiB wait for their reader; and,
   * while a MiB waits, for parts of an output that is faster than what is recorded of it. Of a line of more
   * than a MiB there is the beginning, and at its end the same text.
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
    const outputs = wantedOutputs(this.#spec, { stream, what: "read lines" });
    const { status } = this;
    const life = this.#life;
    // Of a node that is down, what was recorded can be read.
    if (!life.isDown) life.check(call);
    const [live, log] = [this.#live, this.#log];
    return new ProcessLines({ live, outputs, from, log, status, life, call });
  }

  /**
   * Has the process stand still, as one that hangs: its group, and what its processes have started, unless
   * that has left the group and its parent has ended. Resolves when all of it has stopped; nothing of it
   * ends by that, and what it does not read or answer waits in connections that stay open. Outputs stop,
   * but for what is on its way.
   *
   * It goes on by {@linkcode Process.resume}, not when its node is paused and resumed; also by
   * {@linkcode Process.kill}, to take the signal; and it ends with its node, as ever. Pausing it again
   * concerns what has come meanwhile. Rejects with `NotFound` when it has ended, and with an error that names
   * them when some of its processes cannot be stopped; then it goes on.
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

  /** Lets a paused process go on; does nothing if it is not, or has ended. */
  async resume(): Promise<void> {
    await this.#pause.resume(new AuthorCall(this.resume, { on: "process" }));
  }

  /**
   * Sends a signal to the whole group; does nothing once it has ended. A paused process goes on, and takes
   * it at once, unless it is one that stops processes. @default SIGTERM
   */
  async kill(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    const call = new AuthorCall(this.kill, { on: "process", of: [signal] });
    this.#requests.addSignal(signal);
    await this.#life.during(call, () => this.#process.kill(signal));
    this.#pause.signalled(signal);
  }

  /**
   * The latest bytes of both outputs that the node's logs hold: at most 1 MiB each, as text. Of a
   * process from before the node was killed they come from the record of the run, in which parts of a
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
  /** The time that its node is up, in which it was started. */
  readonly life: Lifeline;
  /** Aborts, with the error, when its input fails. */
  readonly inputFailed: AbortSignal;
  /** What the test does for it to end. */
  readonly requests: EndRequests;
  /** The call that errors name when the status cannot be known any more. */
  readonly call: AuthorCall;
}
