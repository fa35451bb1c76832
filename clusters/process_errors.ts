/** Characters of each output that a message quotes; the fields hold more. */
const QUOTED = 2_000;

/** Lines of each output in a message: the error has more of it. */
const QUOTED_LINES = 20;

/** What is known of a command that failed, took too long or wrote too much. */
export interface CommandFailure {
  /** The node that it ran on. */
  readonly node: string;
  /** The backend of the node. */
  readonly backend: string;
  /** The command and its arguments. */
  readonly command: readonly string[];
  /** `exit`: it failed. `timeout`: it took too long, and was killed. `output`: it wrote too much. */
  readonly reason: "exit" | "timeout" | "output";
  /** The exit code; 128 plus the signal's number after a signal. */
  readonly code: number;
  /** The signal that ended it; `null` for a real-time one too, which Deno has no name for. */
  readonly signal: Deno.Signal | null;
  /** Milliseconds. */
  readonly elapsed: number;
  /** The last part of its standard output. */
  readonly stdout: string;
  /** The last part of its standard error. */
  readonly stderr: string;
  /** The bound that was exceeded: milliseconds or bytes. */
  readonly limit?: number | undefined;
  /** True when the kernel's OOM killer ended it, as far as the node's control group tells. */
  readonly outOfMemory?: true | undefined;
}

/**
 * A command failed, took too long, or wrote too much.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster, CommandError } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const node = await cluster.addNode();
 * const error = await node.run("sh", ["-c", "echo oops >&2; exit 3"]).catch((error) => error);
 * strictEqual(error instanceof CommandError, true);
 * strictEqual(error.code, 3);
 * strictEqual(error.stderr, "oops\n");
 * ```
 */
export class CommandError extends Error implements CommandFailure {
  /** `"CommandError"`. */
  override readonly name = "CommandError";
  /** The node that it ran on. */
  readonly node: string;
  /** The backend of the node. */
  readonly backend: string;
  /** The command and its arguments. */
  readonly command: readonly string[];
  /** What went wrong: see {@linkcode CommandFailure}. */
  readonly reason: "exit" | "timeout" | "output";
  /** The exit code; 128 plus the signal's number after a signal. */
  readonly code: number;
  /** The signal that ended it; `null` for a real-time one too, which Deno has no name for. */
  readonly signal: Deno.Signal | null;
  /** Milliseconds from the start of the command to its end. */
  readonly elapsed: number;
  /** The last part of its standard output, at most 64 KiB. */
  readonly stdout: string;
  /** The last part of its standard error, at most 64 KiB. */
  readonly stderr: string;
  /** The bound that was exceeded: milliseconds or bytes. */
  readonly limit: number | undefined;
  /** True when the kernel's OOM killer ended it, as far as the node's control group tells. */
  readonly outOfMemory: true | undefined;

  /** The message says all of it. */
  constructor(failure: CommandFailure, options?: ErrorOptions) {
    super(describeCommandFailure(failure), options);
    this.node = failure.node;
    this.backend = failure.backend;
    this.command = failure.command;
    this.reason = failure.reason;
    this.code = failure.code;
    this.signal = failure.signal;
    this.elapsed = failure.elapsed;
    this.stdout = failure.stdout;
    this.stderr = failure.stderr;
    this.limit = failure.limit;
    this.outOfMemory = failure.outOfMemory;
  }
}

function describeCommandFailure(failure: CommandFailure): string {
  const { command, node, backend, elapsed } = failure;
  return `Cannot complete ${commandText(command)} on node "${node}" (${backend}): ` +
    `it ${commandEnd(failure)} after ${Math.round(elapsed)} ms` +
    outputText("stderr", failure.stderr) + outputText("stdout", failure.stdout);
}

function commandEnd(failure: CommandFailure): string {
  const { reason, signal, limit } = failure;
  const itsOwn = statusText(failure);
  switch (reason) {
    case "timeout":
      return `was killed because it took longer than its timeout of ${limit} ms,`;
    case "output":
      return signal === "SIGKILL"
        ? `was killed because it wrote more than maxOutput, ${limit} bytes,`
        : `wrote more than maxOutput, ${limit} bytes, before it ${itsOwn}`;
    case "exit":
      return itsOwn;
    default:
      throw new TypeError(`Unknown reason "${reason satisfies never}"`);
  }
}

/** What is known of a process that has ended while the test went on. */
export interface EndedProcess {
  /** The node that it ran on. */
  readonly node: string;
  /** The backend of the node. */
  readonly backend: string;
  /** The command and its arguments. */
  readonly command: readonly string[];
  /** The exit code; 128 plus the signal's number after a signal; `null` when that is not known. */
  readonly code: number | null;
  /** The signal that ended it; `null` for a real-time one too, which Deno has no name for. */
  readonly signal: string | null;
  /** Milliseconds from its start to its end. */
  readonly elapsed: number;
  /** The last part of what it wrote, at most 16 KiB. */
  readonly stdout: string;
  /** As `stdout`. */
  readonly stderr: string;
  /** True when the kernel's OOM killer ended it, as far as the node's control group tells. */
  readonly outOfMemory?: true | undefined;
}

/**
 * A process has ended, and with it the wait for something that it would have done.
 *
 * ```ts
 * import { ok, strictEqual } from "node:assert/strict";
 * import { Cluster, ProcessEndedError } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const node = await cluster.addNode();
 * await using process = await node.spawn("sh", ["-c", "echo no room >&2; exit 3"]);
 * const error = await process.waitForOutput(/ready/).catch((error) => error);
 * ok(error instanceof ProcessEndedError);
 * strictEqual(error.code, 3);
 * strictEqual(error.stderr, "no room\n");
 * ```
 */
export class ProcessEndedError extends Error implements EndedProcess {
  /** `"ProcessEndedError"`, or the name of the derived class. */
  override readonly name: string = "ProcessEndedError";
  /** The node that it ran on. */
  readonly node: string;
  /** The backend of the node. */
  readonly backend: string;
  /** The command and its arguments. */
  readonly command: readonly string[];
  /** The exit code; 128 plus the signal's number after a signal; `null` when that is not known. */
  readonly code: number | null;
  /** The signal that ended it; `null` for a real-time one too, which Deno has no name for. */
  readonly signal: string | null;
  /** Milliseconds from its start to its end. */
  readonly elapsed: number;
  /** The last part of what it wrote, at most 16 KiB. */
  readonly stdout: string;
  /** As `stdout`. */
  readonly stderr: string;
  /** True when the kernel's OOM killer ended it, as far as the node's control group tells. */
  readonly outOfMemory: true | undefined;

  /**
   * `what` begins the message, as in `Cannot complete node.waitForPort(80)`; `seen` ends its first
   * line, and says what else is known of the wait.
   */
  constructor(
    process: EndedProcess & { readonly what: string; readonly seen?: string },
    options?: ErrorOptions,
  ) {
    const { what, seen = "", command, node, backend } = process;
    super(
      `${what}: ${commandText(command)} on node "${node}" (${backend}) ${processEndText(process)}` +
        seen + outputText("stderr", process.stderr) + outputText("stdout", process.stdout),
      options,
    );
    this.node = node;
    this.backend = backend;
    this.command = command;
    this.code = process.code;
    this.signal = process.signal;
    this.elapsed = process.elapsed;
    this.stdout = process.stdout;
    this.stderr = process.stderr;
    this.outOfMemory = process.outOfMemory;
  }
}

/**
 * An essential process has ended, and the test did not ask for that.
 *
 * ```ts
 * import { ok } from "node:assert/strict";
 * import { Cluster, EssentialProcessError } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create(undefined, { progress: false });
 * const node = await cluster.addNode();
 * await node.spawn("sh", ["-c", "exit 3"], { essential: true });
 * const { signal } = cluster;
 * while (!signal.aborted) await new Promise((go) => signal.addEventListener("abort", go));
 * ok(signal.reason instanceof EssentialProcessError && signal.reason.code === 3);
 * ```
 */
export class EssentialProcessError extends ProcessEndedError {
  /** `"EssentialProcessError"`. */
  override readonly name = "EssentialProcessError";

  /** The message says all of it. */
  constructor(process: EndedProcess, options?: ErrorOptions) {
    super({ ...process, what: "Cannot go on without an essential process" }, options);
  }
}

/** A command as it is in messages; words with special characters are quoted. */
export function commandText(command: readonly string[]): string {
  const words = command.map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word));
  return `\`${words.join(" ")}\``;
}

/** How a process ended, without when. */
export function statusText(
  { code, signal, outOfMemory }: Pick<EndedProcess, "code" | "signal" | "outOfMemory">,
): string {
  const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
  return outOfMemory ? `${how}, since the kernel ran out of memory for it,` : how;
}

/** The last part of an output, on lines of its own below those of the message. */
export function outputText(title: string, text: string): string {
  if (text.trim() === "") return "";
  const tail = text.length > QUOTED ? `…${text.slice(-QUOTED)}` : text;
  const lines = tail.trimEnd().split("\n");
  const last = lines.length > QUOTED_LINES ? ["…", ...lines.slice(-QUOTED_LINES)] : lines;
  return `\n${title}:\n  ${last.join("\n  ")}`;
}

function processEndText(process: EndedProcess): string {
  if (process.code === null) return "ended with its node";
  return `${statusText(process)} after ${Math.round(process.elapsed)} ms`;
}
