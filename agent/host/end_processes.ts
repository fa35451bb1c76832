import { delay } from "../delay.ts";
import { findStrays, signalQuietly, signalStrays, type StrayTraits } from "./stray_processes.ts";

/** Milliseconds that processes have to end by themselves after they were asked to. */
const END_GRACE = 5_000;

/** Milliseconds between looks. */
const POLL_INTERVAL = 10;

/** How the end of processes is waited for. */
export interface EndOptions {
  /** Whether there is something else to wait for when no process is left. */
  readonly isBusy: () => boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks all processes with these traits to end, those that stand still as well, and waits until they have,
 * within a bound.
 */
export async function endProcesses(
  traits: StrayTraits,
  { isBusy, signal }: EndOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const deadline = performance.now() + END_GRACE;
  for (const pid of await signalStrays(traits, "SIGTERM")) signalQuietly(pid, "SIGCONT");
  while (performance.now() < deadline && (isBusy() || (await findStrays(traits)).length > 0)) {
    await delay(POLL_INTERVAL, signal);
  }
}
