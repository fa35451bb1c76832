import { basename } from "node:path";
import { messageOf } from "../host/described_error.ts";
import { killStrays } from "../host/stray_processes.ts";

/** What a tool is run with. */
export interface ToolOptions {
  /** Aborting ends the tool, and what it has started. */
  readonly signal?: AbortSignal | undefined;
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly clearEnv?: boolean | undefined;
  readonly cwd?: string | undefined;
}

/** A tool of the build ended with a failure, or could not be started. */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly command: readonly string[];
  /** In one line. */
  readonly reason: string;
  /** All of it, without colours. */
  readonly stderr: string;

  constructor(command: readonly string[], reason: string, stderr: string, cause?: unknown) {
    const [program = "", ...args] = command;
    super(`Cannot run "${[basename(program), ...args.slice(0, 1)].join(" ")}": ${reason}`, {
      cause,
    });
    this.command = command;
    this.reason = reason;
    this.stderr = stderr;
  }
}

/**
 * Runs a program to its end and resolves to its standard output.
 *
 * Throws {@linkcode ToolError} when it cannot be started or fails, with what it said in one line;
 * needs permission to run it.
 */
export async function runTool(
  command: readonly string[],
  options: ToolOptions = {},
): Promise<string> {
  options.signal?.throwIfAborted();
  const output = await start(command, options);
  options.signal?.throwIfAborted();
  const stderr = new TextDecoder().decode(output.stderr);
  if (!output.success) throw new ToolError(command, summary(stderr, output), stderr);
  return new TextDecoder().decode(output.stdout);
}

/** Resolves when the outputs end, which what the tool has started may keep open longer than the tool does. */
async function start(
  command: readonly string[],
  options: ToolOptions,
): Promise<Deno.CommandOutput> {
  const [program = "", ...args] = command;
  const { signal, cwd, clearEnv = false, env = {} } = options;
  const marker = { CLUSTERTEST_TOOL: crypto.randomUUID() };
  try {
    const tool = new Deno.Command(program, {
      args,
      clearEnv,
      env: { ...env, ...marker, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
      ...{ stdin: "null", stdout: "piped", stderr: "piped" },
      ...(cwd === undefined ? {} : { cwd }),
    }).spawn();
    return await killedOnAbort(tool.output(), { marker, signal });
  } catch (error) {
    throw new ToolError(command, messageOf(error), "", error);
  }
}

/** Kills all processes with a marker once a signal aborts; resolves to `output` when that has come. */
async function killedOnAbort<T>(
  output: Promise<T>,
  { marker, signal }: {
    marker: Readonly<Record<string, string>>;
    signal?: AbortSignal | undefined;
  },
): Promise<T> {
  const { promise: killed, resolve, reject } = Promise.withResolvers<unknown>();
  const kill = () => void killStrays({ marker }).then(resolve, reject);
  signal?.addEventListener("abort", kill);
  try {
    const result = await Promise.race([output, killed.then(() => output)]);
    if (signal?.aborted) await killed;
    return result;
  } finally {
    signal?.removeEventListener("abort", kill);
  }
}

/** The lines of a failure that say why, as one; a cause is left out that its effect has quoted. */
function summary(stderr: string, output: Deno.CommandOutput): string {
  const how = output.signal ? `it ended by ${output.signal}` : `it ended with code ${output.code}`;
  const [said = ""] = stderr.split("\nStack backtrace:");
  const lines = said.split("\n")
    .map((line) => line.trim().replace(/^(error: |\d+: )+/, ""))
    .filter((line) => line !== "" && !/^(Download|Check|Compile|Warning|⚠️|Caused by:)/.test(line))
    .filter((line, index, all) => !all.slice(0, index).some((earlier) => earlier.includes(line)));
  return lines.slice(-SUMMARY_LINES).join("; ") || how;
}

/** Lines of a failed tool that go into the message of its error. */
const SUMMARY_LINES = 2;
