import {
  type HostProcess,
  OUTPUT_LOG_SIZE,
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
import type { ProcessRecord } from "../record/mod.ts";
import type { EndRequests } from "./end_requests.ts";
import { ProcessOutcome } from "./process_outcome.ts";

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
  readonly #record: ProcessRecord;
  readonly #requests: EndRequests;
  readonly #outcome: ProcessOutcome;
  #stdin: WritableStream<Uint8Array> | undefined;
  #stdout: NodeReadableStream | undefined;
  #stderr: NodeReadableStream | undefined;
  #disposed = false;

  static {
    outcomeOf = (process) => process.#outcome;
  }

  /** @ignore */
  constructor(started: StartedProcess) {
    const { process, record, spec, life, inputFailed, requests, call } = started;
    this.#process = process;
    this.#record = record;
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
    this.#outcome = new ProcessOutcome({ node, backend, command, status: this.status, record });
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

  /** Sends a signal to the whole group; does nothing once it has ended. @default SIGTERM */
  async kill(signal: Deno.Signal = "SIGTERM"): Promise<void> {
    const call = new AuthorCall(this.kill, { on: "process", of: [signal] });
    this.#requests.addSignal(signal);
    await this.#life.during(call, () => this.#process.kill(signal));
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
    const { stdout, stderr } = this.#life.isDown
      ? this.#recordedLog()
      : await this.#life.during(call, () => this.#log());
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { stdout: decode(stdout), stderr: decode(stderr) };
  }

  /** Kills the group with `SIGKILL` and waits for its end. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#requests.add();
    const call = new AuthorCall(this[Symbol.asyncDispose], { on: "process" });
    await call.during(() => this.#process[Symbol.asyncDispose]());
  }

  async #log(): Promise<Logs> {
    try {
      const { stdout, stderr } = await this.#process.log();
      return { stdout: stdout.bytes, stderr: stderr.bytes };
    } catch (error) {
      // The test may have killed the node meanwhile.
      if (this.#life.isDown) return this.#recordedLog();
      throw error;
    }
  }

  #recordedLog(): Logs {
    const latest = (name: "stdout" | "stderr") => this.#record.latest(name, OUTPUT_LOG_SIZE);
    return { stdout: latest("stdout"), stderr: latest("stderr") };
  }

  #access(name: "stdin" | "stdout" | "stderr"): StreamAccess {
    return {
      life: this.#life,
      call: new AuthorCall(getterOf(this, name), { on: "process", name }),
    };
  }

  #checkReadable(name: "stdout" | "stderr", mode: OutputMode = "log"): void {
    if (mode !== "log" && mode !== "piped") throw this.#notPiped(name);
  }

  #notPiped(name: "stdin" | "stdout" | "stderr"): TypeError {
    return new TypeError(
      `Cannot get "${name}" of "${this.#spec.command}": it is not piped. ` +
        `Pass ${name}: "piped" to spawn`,
    );
  }
}

/** The latest bytes of both outputs. */
interface Logs {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
}

/** A process of a node, as it was started. */
export interface StartedProcess {
  readonly process: HostProcess;
  readonly spec: ProcessSpec;
  readonly record: ProcessRecord;
  /** The time that its node is up, in which it was started. */
  readonly life: Lifeline;
  /** Aborts, with the error, when its input fails. */
  readonly inputFailed: AbortSignal;
  /** What the test does for it to end. */
  readonly requests: EndRequests;
  /** The call that errors name when the status cannot be known any more. */
  readonly call: AuthorCall;
}
