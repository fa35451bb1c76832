import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import type { ProcessStatus } from "../../agent/host/host.ts";
import { unlessAborted } from "../../agent/unless_aborted.ts";
import { type AuthorCall, emitAfter } from "../calls/mod.ts";
import { ProcessEndedError } from "../errors.ts";
import type { HealthCheck } from "../kit/mod.ts";
import {
  outcomeOf,
  type Process,
  type ProcessContext,
  processSpec,
  type SpawnOptions,
  withEnvironment,
} from "../process/mod.ts";
import { UnhealthyError } from "./unhealthy_error.ts";

/** What is to be healthy, and how that is found out. */
export interface HealthWait {
  readonly process: Process;
  readonly healthCheck: HealthCheck;
  /** As what the checks run. */
  readonly options: Pick<SpawnOptions, "cwd" | "env" | "clearEnv" | "user">;
}

/** What came of a check. */
interface Checked {
  readonly isHealthy: boolean;
  /** As in "it exited with code 1". */
  readonly how: string;
  /** What it wrote last. */
  readonly output: string;
}

/** Bytes of a check's output that are kept, as by engines. */
const KEPT = 4096;

/** Waits until a check succeeds; rejects once as many in a row have failed as may not. */
export async function awaitHealthy(
  context: ProcessContext,
  call: AuthorCall,
  wait: HealthWait,
): Promise<void> {
  const { life, emit, name: node } = context;
  const { name: what } = call;
  let tries = 0;
  await life.during(call, async (alive) => {
    emit({ type: "wait-started", node, call: what, places: call.places });
    const signal = AbortSignal.any([alive, endOf(wait.process, what)]);
    await emitAfter(
      () => untilHealthy(context, wait, { signal, what, onCheck: () => tries++ }),
      (end) => emit({ type: "wait-ended", node, call: what, tries, ...end }),
    );
  });
}

/** What a wait for health knows of its call. */
interface WaitCall {
  readonly signal: AbortSignal;
  readonly what: string;
  readonly onCheck: () => void;
}

async function untilHealthy(
  context: ProcessContext,
  wait: HealthWait,
  { signal, what, onCheck }: WaitCall,
): Promise<void> {
  const { interval, startInterval, startPeriod, retries } = wait.healthCheck;
  const began = performance.now();
  const isStarting = () => performance.now() - began < startPeriod;
  for (let failures = 0;;) {
    await delay(isStarting() ? startInterval : interval, signal);
    const wasStarting = isStarting();
    onCheck();
    const { isHealthy, how, output } = await check(context, wait, signal);
    signal.throwIfAborted();
    if (isHealthy) return;
    if (!wasStarting) failures++;
    if (failures < retries) continue;
    const { name: node, backend } = context;
    throw new UnhealthyError({ node, backend, call: what, failures, how, output });
  }
}

/** Runs one check. It is killed when it takes too long, or is not waited for any more. */
async function check(
  context: ProcessContext,
  { healthCheck: { command: [command, ...args], timeout }, options }: HealthWait,
  signal: AbortSignal,
): Promise<Checked> {
  const spec = withEnvironment(context, processSpec(command!, args, options));
  using deadline = new Deadline(timeout, [signal]);
  const { processes } = context.host();
  try {
    await using process = await processes.start(spec, { signal: deadline.signal });
    const status = await unlessAborted(process.status, deadline.signal).catch(() => undefined);
    const { stdout, stderr } = await process.log();
    const output = lastText(stdout.bytes) + lastText(stderr.bytes);
    return { ...judged(status, timeout), output };
  } catch (error) {
    signal.throwIfAborted();
    return { ...judged(undefined, timeout, deadline.isOver ? undefined : error), output: "" };
  }
}

function judged(
  status: ProcessStatus | undefined,
  timeout: number,
  error?: unknown,
): Omit<Checked, "output"> {
  if (status?.success) return { isHealthy: true, how: "it succeeded" };
  if (error) return { isHealthy: false, how: `it could not be run: ${(error as Error).message}` };
  if (!status) return { isHealthy: false, how: `it took longer than ${timeout / 1000} s` };
  const { code, signal } = status;
  return { isHealthy: false, how: signal ? `${signal} ended it` : `it exited with code ${code}` };
}

function lastText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(-KEPT));
}

/** Aborts when the program has ended: then no check will succeed. */
function endOf(process: Process, what: string): AbortSignal {
  const controller = new AbortController();
  outcomeOf(process).ended().then(
    (ended) => {
      const error = { ...ended, what: `Cannot complete ${what}`, seen: "; it was not healthy yet" };
      controller.abort(new ProcessEndedError(error));
    },
    (error) => controller.abort(error),
  );
  return controller.signal;
}
