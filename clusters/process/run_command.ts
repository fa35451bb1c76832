import type { HostProcess, ProcessStatus } from "../../agent/host/host.ts";
import { settledWithin } from "../../agent/settled_within.ts";
import { startTimer } from "../../agent/timer.ts";
import { CollectedOutput } from "./collected_output.ts";
import { announceCommand } from "./announce_command.ts";
import { type CommandResult, inspectable } from "./command_result.ts";
import { CommandError, type CommandFailure } from "../errors.ts";
import type { AuthorCall } from "../calls/mod.ts";
import { outputsAtRest } from "./outputs_at_rest.ts";
import type { ProcessContext } from "./process_context.ts";
import { feedProcess } from "./feed_process.ts";
import { processSpec, withEnvironment } from "./process_spec.ts";
import type { RunOptions } from "./run_options.ts";
import { startWithin } from "./start_within.ts";

/** Bytes of each output that a result may hold, unless the caller says otherwise: 64 MiB. */
const MAX_OUTPUT = 64 * 1024 * 1024;

/** Bytes of each output that errors and events carry. */
const TAIL = 64 * 1024;

/** Milliseconds for which `run` waits until a command that was given up has been killed. */
const KILL_PATIENCE = 5_000;

/** Why a command was killed before its end. */
class GivenUp extends Error {
  readonly why: "timeout" | "output";
  readonly limit: number;
  /** How it had ended by then, if it had. */
  readonly status: ProcessStatus | undefined;

  constructor(why: "timeout" | "output", limit: number, status?: ProcessStatus) {
    super(`The command was given up: ${why}`);
    this.why = why;
    this.limit = limit;
    this.status = status;
  }
}

/** A command that has been started and has not ended. */
interface Running {
  readonly context: ProcessContext;
  readonly call: AuthorCall;
  /** Unique in its cluster. */
  readonly number: number;
  readonly command: readonly string[];
  readonly process: HostProcess;
  readonly stdout: CollectedOutput;
  readonly stderr: CollectedOutput;
}

/** What `node.run` was asked for. */
export interface CommandRequest {
  readonly command: string;
  readonly args: readonly string[];
  readonly options: RunOptions;
}

/** Runs a command for `node.run`: starts it, feeds it, collects what it writes, waits for its end. */
export async function runCommand(
  context: ProcessContext,
  call: AuthorCall,
  { command, args, options }: CommandRequest,
): Promise<CommandResult> {
  const { stdout = "piped", stderr = "piped", maxOutput = MAX_OUTPUT } = options;
  const own = call.check(() => {
    checkCollected({ ...options, maxOutput });
    return processSpec(command, args, { ...options, stdout, stderr });
  });
  const spec = withEnvironment(context, own);
  return await context.life.during(call, async (signal) => {
    const { started: process, timeout } = await startWithin(
      context,
      { spec, timeout: options.timeout ?? Infinity, signal },
      (signal) => context.host().processes.start(spec, { signal }),
    );
    const number = context.nextId();
    const follow = context.outputs.followPassing({ spec, number });
    const collected = (name: "stdout" | "stderr") =>
      new CollectedOutput(maxOutput, (source) => follow({ name, source }));
    const running = {
      ...{ context, call },
      number,
      command: [command, ...args],
      process,
      stdout: collected("stdout"),
      stderr: collected("stderr"),
    };
    try {
      return await finished(running, { ...options, signal }, timeout);
    } finally {
      running.stdout.finish();
      running.stderr.finish();
    }
  });
}

function checkCollected(options: RunOptions & { readonly maxOutput: number }): void {
  if ("stdin" in options && options.stdin === "piped") {
    throw new TypeError('Cannot run a command with stdin: "piped": give "input", or use spawn()');
  }
  const { maxOutput } = options;
  if (!(maxOutput >= 0)) throw new RangeError(`maxOutput must be at least 0, not ${maxOutput}`);
}

/** Sees a command to its end, whichever it is. */
async function finished(
  running: Running,
  options: RunOptions,
  timeout: number,
): Promise<CommandResult> {
  const { context, call, number, command, process } = running;
  const { user, env } = options;
  const ended = announceCommand(context, { number, command, pid: process.pid, user, env, call });
  const started = performance.now();
  try {
    const status = await completed(running, options, timeout);
    await letGo(running);
    ended({ ...status, ...tails(running) });
    if (status.success || options.check === false) return result(running, status);
    throw failure(running, { reason: "exit", ...status });
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const elapsed = performance.now() - started;
    ended({ code: null, signal: null, elapsed, ...tails(running) });
    if (!(error instanceof GivenUp)) throw error;
    const { why: reason, limit, status } = error;
    const killed = { code: 137, signal: "SIGKILL", elapsed } as const;
    throw failure(running, { ...killed, ...status, reason, limit });
  }
}

/** Resolves when the command has ended by itself; kills it when it is to be given up. */
async function completed(
  running: Running,
  options: RunOptions,
  timeout: number,
): Promise<ProcessStatus> {
  const { process, stdout, stderr } = running;
  const { promise: givenUp, reject: giveUp } = Promise.withResolvers<never>();
  const { signal, timeout: limit = Infinity, input } = options;
  const abort = () => giveUp(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  // A timer that is cleared, not `AbortSignal.timeout`: it would outlive the command.
  const late = () => giveUp(new GivenUp("timeout", limit));
  const timer = startTimer(timeout, late);
  if (input !== undefined) feedProcess(process, input).catch(giveUp);
  let status: ProcessStatus | undefined;
  const over = new AbortController();
  const full = (limit: number) => giveUp(new GivenUp("output", limit, status));
  const collected = [stdout.collect(process.stdout, full), stderr.collect(process.stderr, full)];
  const ended = async () => {
    status = await process.status;
    // It ended in time, even if processes that it has left behind hold its outputs.
    clearTimeout(timer);
    await Promise.race([
      Promise.all(collected),
      outputsAtRest(process, { ...running, signal: over.signal }),
    ]);
    return status;
  };
  try {
    return await Promise.race([
      ended(),
      givenUp,
      Promise.all(collected).then(() => process.status),
    ]);
  } catch (error) {
    await killed(process);
    throw error;
  } finally {
    over.abort();
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/**
 * Gives up what the node keeps of a command that has ended: its log, and its channel. If processes
 * that it has left behind hold its outputs, they keep them, and live on.
 */
async function letGo({ process, stdout, stderr }: Running): Promise<void> {
  if (stdout.hasEnded && stderr.hasEnded) return await process[Symbol.asyncDispose]();
  await Promise.all([stdout.release(), stderr.release()]);
}

/** Kills the group and waits for its end, within a bound: the node may be out of reach. */
async function killed(process: HostProcess): Promise<void> {
  const end = async () => {
    // Before its streams are closed: it must not take the end of its input for that of the data.
    await process.kill("SIGKILL").catch(() => {});
    await process[Symbol.asyncDispose]();
  };
  await settledWithin(KILL_PATIENCE, end());
}

function result({ stdout, stderr }: Running, status: ProcessStatus): CommandResult {
  const stdoutBytes = stdout.bytes();
  const stderrBytes = stderr.bytes();
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  return inspectable({
    ...status,
    stdout: decoder.decode(stdoutBytes),
    stderr: decoder.decode(stderrBytes),
    stdoutBytes,
    stderrBytes,
  });
}

function tails({ stdout, stderr }: Running): { stdout: string; stderr: string } {
  return { stdout: stdout.tail(TAIL), stderr: stderr.tail(TAIL) };
}

/** What is to be said of a failure besides what the running command knows. */
type FailureEnd = Pick<
  CommandFailure,
  "reason" | "code" | "signal" | "elapsed" | "limit" | "outOfMemory"
>;

function failure(running: Running, end: FailureEnd): CommandError {
  const { context: { name: node, backend }, command } = running;
  return new CommandError({ node, backend, command, ...tails(running), ...end });
}
