import { Deadline } from "../../agent/deadline.ts";
import type { ProcessSpec } from "../../agent/host/host.ts";
import { CommandError } from "../errors.ts";
import type { ProcessContext } from "./process_context.ts";

/** What is to be started, and what ends the wait for it. */
export interface StartWithinOptions {
  readonly spec: ProcessSpec;
  /** Milliseconds that the process has from the call on. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** A process, and the milliseconds that are left of its timeout. */
export interface StartedWithin<T> {
  readonly started: T;
  readonly timeout: number;
}

/**
 * Starts a process whose timeout counts while it is started, too: a node that is paused starts none.
 * Rejects with a `CommandError` when the time is over; what may still start then is killed.
 */
export async function startWithin<T>(
  { name: node, backend }: ProcessContext,
  { spec, timeout: limit, signal }: StartWithinOptions,
  start: (signal: AbortSignal) => Promise<T>,
): Promise<StartedWithin<T>> {
  if (limit === Infinity) return { started: await start(signal), timeout: limit };
  const begun = performance.now();
  using deadline = new Deadline(limit, [signal]);
  try {
    const started = await start(deadline.signal);
    return { started, timeout: Math.max(0, limit - (performance.now() - begun)) };
  } catch (error) {
    if (!deadline.isOver || signal.aborted) throw error;
    const elapsed = performance.now() - begun;
    const end = { reason: "timeout", limit, code: 137, signal: "SIGKILL", elapsed } as const;
    const command = [spec.command, ...spec.args];
    throw new CommandError({ node, backend, command, stdout: "", stderr: "", ...end });
  }
}
