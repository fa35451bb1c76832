import { connectTcp } from "../../agent/connect_tcp.ts";
import type { AgentRoute } from "../../agent/client/fleet.ts";
import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";

/** Milliseconds between two attempts, and that one may take. */
const TIMES = { pause: 500, attempt: 5000 };

/**
 * Waits until something listens at an address. It costs next to nothing, so many may wait at a time;
 * rejects with the reason of `signal`, whose `cause` is then why the last attempt failed.
 */
export async function awaitListener(
  { hostname, port }: AgentRoute,
  signal: AbortSignal,
): Promise<void> {
  let last: unknown;
  while (!signal.aborted) {
    try {
      using attempt = new Deadline(TIMES.attempt, [signal]);
      const connection = await connectTcp({ hostname, port, signal: attempt.signal });
      return connection.close();
    } catch (error) {
      if (!signal.aborted) last = error;
    }
    await delay(TIMES.pause, signal).catch(() => {});
  }
  const { reason } = signal;
  if (reason instanceof Error && last !== undefined) reason.cause ??= last;
  throw reason;
}
