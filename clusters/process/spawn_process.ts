import type { HostProcess } from "../../agent/host/host.ts";
import { startTimer } from "../../agent/timer.ts";
import { AuthorCall, type Member, SourceFailure } from "../calls/mod.ts";
import { announceCommand } from "./announce_command.ts";
import { EndRequests } from "./end_requests.ts";
import type { EssentialProcess } from "./essential_processes.ts";
import { feedProcess } from "./feed_process.ts";
import { Process } from "./process.ts";
import type { ProcessContext } from "./process_context.ts";
import { processEnd } from "./process_end.ts";
import { processSpec, withEnvironment } from "./process_spec.ts";
import { SPAWN_KINDS, type SpawnOptions } from "./spawn_options.ts";
import { startWithin } from "./start_within.ts";

/** What `node.spawn` was asked for. */
export interface SpawnRequest {
  /** The member that is called. */
  readonly spawn: Member;
  readonly command: string;
  readonly args: readonly string[];
  readonly options: SpawnOptions;
}

/** Starts a process for `node.spawn`. */
export async function spawnProcess(
  context: ProcessContext,
  { spawn, command, args, options }: SpawnRequest,
): Promise<Process> {
  const call = new AuthorCall(spawn, {
    ...{ of: [command], options, kinds: SPAWN_KINDS, isPlaced: true },
  });
  const statusCall = new AuthorCall(spawn, { on: "process", name: `status of ${command}` });
  const spec = withEnvironment(context, call.check(() => processSpec(command, args, options)));
  const { signal, timeout = Infinity, input } = options;
  const { processes } = context.host();
  const { life } = context;
  const number = context.nextId();
  const { started: { process: started, outputs: live }, timeout: left } = await life.during(
    call,
    (signal) =>
      startWithin(
        context,
        { spec, timeout, signal },
        (signal) => context.outputs.start(processes, { spec, number, signal }),
      ),
  );
  const inputFailed = feedOrKill(started, input);
  const requests = new EndRequests();
  const parts = { process: started, live, spec, life, context, number, inputFailed, requests };
  const process = new Process({ ...parts, call: statusCall });
  expectEnd(context, {
    process,
    number,
    command: [command, ...args],
    requests,
    call,
    end: processEnd(started, live),
    pid: started.pid,
    user: spec.user,
    env: options.env,
    isEssential: options.essential === true,
  });
  endEarly(started, { signal, timeout: left, requests });
  return process;
}

/** A process that runs, and what its end is to bring about. */
interface ExpectedEnd extends EssentialProcess {
  readonly pid: number;
  readonly user: string | undefined;
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly isEssential: boolean;
}

/** Says that the process runs, and in time that it has ended, which fails the test if it is essential. */
function expectEnd(context: ProcessContext, process: ExpectedEnd): void {
  const { outputs, essential } = context;
  const announce = announceCommand(context, process);
  outputs.expect(
    process.end.then((end) =>
      announce({ ...end, ...process.requests.explain(end) && { requested: true } })
    ),
  );
  if (process.isEssential) outputs.expect(essential.watch(process));
}

/**
 * Feeds the process, and kills it when its input fails: its result for a part of the input means
 * nothing. The signal then aborts with the error.
 */
function feedOrKill(process: HostProcess, input: SpawnOptions["input"]): AbortSignal {
  const failed = new AbortController();
  const fail = async (error: unknown) => {
    failed.abort(error instanceof SourceFailure ? error.reason : error);
    await killQuietly(process);
  };
  if (input !== undefined) feedProcess(process, input).catch(fail);
  return failed.signal;
}

/** What may end a process before its time. */
interface SpawnLimits {
  readonly signal: AbortSignal | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly requests: EndRequests;
}

/** Kills the process when `signal` aborts or the time is over, unless it has ended by then. */
function endEarly(process: HostProcess, { signal, timeout, requests }: SpawnLimits): void {
  const kill = () => {
    requests.add();
    void killQuietly(process);
  };
  // A timer that is cleared, not `AbortSignal.timeout`: it would outlive the process.
  const timer = startTimer(timeout, kill);
  signal?.addEventListener("abort", kill, { once: true });
  const ended = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", kill);
  };
  process.status.then(ended, ended);
}

/** Kills a group whose node may be gone. */
async function killQuietly(process: HostProcess): Promise<void> {
  await process.kill("SIGKILL").catch(() => {});
}
