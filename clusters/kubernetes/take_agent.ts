import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import { AGENT_TAKEN, IS_TAKEN_SCRIPT } from "./helper_scripts.ts";
import { ApiError, type ExecResult } from "./api/mod.ts";
import { HELPER_CONTAINER } from "./pod_places.ts";
import { HopelessPod } from "./pod_progress.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";

/** The exit code of a process that was killed by SIGKILL. */
const KILLED = 137;

/**
 * Milliseconds in which a helper has said that it has the agent, or its machine that the helper has ended:
 * a machine looks once a second, or less often.
 */
const TELL_TIMEOUT = 15_000;

/** Milliseconds between two questions. */
const ASK_INTERVAL = 500;

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
 * Throws unless a helper has the agent. What counts is that it has said so, however the shell has ended that
 * took it. A shell is killed with its helper, of which the machine says later how that has ended.
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
 * Waits until a helper says that it has the agent. Rejects with the reason if it has ended, and with
 * `unknown` if it has said nothing in time.
 */
export async function awaitTaken(
  { api, watch }: Pick<LaunchContext, "api" | "watch">,
  plan: Pick<NodePlan, "podName" | "options">,
  { unknown, signal }: { readonly unknown: UnknownDelivery; readonly signal: AbortSignal },
): Promise<void> {
  using hopeless = new HopelessPod(watch, plan);
  using deadline = new Deadline(TELL_TIMEOUT, [signal, hopeless.signal], () => unknown);
  const question = {
    pod: plan.podName,
    container: HELPER_CONTAINER,
    command: ["sh", "-c", IS_TAKEN_SCRIPT],
    signal: deadline.signal,
  };
  for (;;) {
    const answer = await api.exec(question).catch(() => undefined);
    if (answer?.code === 0) return;
    await delay(ASK_INTERVAL, deadline.signal);
  }
}
