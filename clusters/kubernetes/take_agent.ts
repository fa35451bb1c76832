import { Deadline } from "../../agent/deadline.ts";
import { AGENT_TAKEN } from "./helper_scripts.ts";
import { ApiError, type ExecResult } from "./api/mod.ts";
import { HELPER_CONTAINER } from "./pod_places.ts";
import { untilPod } from "./pod_progress.ts";
import { statusOf } from "./pod_state.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";

/** The exit code of a process that was killed by SIGKILL. */
const KILLED = 137;

/** Milliseconds in which a machine tells that a helper has ended: it looks once a second, or less often. */
const TELL_TIMEOUT = 15_000;

/** It is not known whether a helper has got the agent: the connection to it, or the shell in it, has ended. */
export class UnknownDelivery extends Error {}

/** Throws what an attempt to send the agent is rejected with; an answer with a status says that it never began. */
export function brokenOff(error: unknown): never {
  if (!(error instanceof ApiError) || error.status !== undefined) throw error;
  throw new UnknownDelivery(`it is not known whether it got the agent: ${error.message}`, {
    cause: error,
  });
}

/**
 * Throws unless a helper has the agent. The shell that takes it opens the gate as its last act. Upon that
 * the helper ends, and its machine may kill the shell before that has ended by itself: so what counts is
 * that it has said before that all is there.
 */
export function checkTaken({ code, stdout, stderr }: ExecResult): void {
  if (code === 0 || stdout.includes(AGENT_TAKEN)) return;
  const whose = `its container "${HELPER_CONTAINER}"`;
  if (code === KILLED) {
    throw new UnknownDelivery(
      `${whose} did not take the agent: the shell that was to take it was killed (exit code ${code})`,
    );
  }
  throw new Error(
    `${whose} did not take the agent (exit code ${code}): ` +
      (stderr.trim() || "it says nothing; its image has to have BusyBox"),
  );
}

/**
 * Waits until a helper ends, which it does well only if it has the agent. Rejects with the reason if it
 * ends otherwise, and with `unknown` if it does not end.
 */
export async function awaitTaken(
  { watch }: Pick<LaunchContext, "watch">,
  plan: Pick<NodePlan, "podName" | "options">,
  { unknown, signal }: { readonly unknown: UnknownDelivery; readonly signal: AbortSignal },
): Promise<void> {
  using deadline = new Deadline(TELL_TIMEOUT, [signal], () => unknown);
  // Of one that has ended otherwise it is known that its node will never run.
  const found = (pod: Parameters<typeof statusOf>[0]) =>
    statusOf(pod, HELPER_CONTAINER)?.state?.terminated !== undefined;
  await untilPod(watch, { plan, found }, deadline.signal);
}
