import { connectTcp } from "../../agent/connect_tcp.ts";
import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";

/** Milliseconds between two attempts: at first, and at most. */
const PAUSES = { first: 10, last: 100 };

/** Where something in a pod listens. */
export interface PodPort {
  /** The pod's address. */
  readonly hostname: string;
  readonly port: number;
}

/** How long what is waited for. */
export interface CallPodOptions {
  /** Milliseconds in which something answers, if the address of the pod can be reached from here. */
  readonly answer: number;
  /** Aborts when what is to listen should have come, or nobody wants it any more. */
  readonly signal: AbortSignal;
}

/**
 * Connects to a port of a pod; one that refuses can be reached, and is tried again, since what is to listen
 * there has not begun yet. Resolves to `undefined` if nothing answers, or when `signal` aborts.
 */
export async function callPod(
  port: PodPort,
  { answer, signal }: CallPodOptions,
): Promise<Deno.TcpConn | undefined> {
  let pause = PAUSES.first;
  while (!signal.aborted) {
    using late = new Deadline(answer, [signal]);
    try {
      return await connectTcp({ ...port, signal: late.signal });
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) return undefined;
    }
    await delay(pause, signal).catch(() => {});
    pause = Math.min(PAUSES.last, 2 * pause);
  }
  return undefined;
}
