/** Characters of each output that a message quotes; the fields hold more. */
const QUOTED = 2_000;

/** Lines of each output in a message: the error has more of it. */
const QUOTED_LINES = 20;

/** A process that has ended although the test goes on. */
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
 * A process has ended, so that what was waited for will not happen.
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
  /** `"ProcessEndedError"`, or that of the class below it. */
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
 * A process without which the test means nothing has ended, and the test did not ask for that.
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

/** A command as messages have it: words that are not plain are quoted. */
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
