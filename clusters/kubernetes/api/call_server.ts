import { Deadline } from "../../../agent/deadline.ts";
import { delay } from "../../../agent/delay.ts";
import { messageOf } from "../../../agent/host/described_error.ts";
import { BackendUnusableError } from "../../errors.ts";
import { type ApiCall, ApiError, readStatus, refusal } from "./api_error.ts";
import { isRefusedCertificate, UnreachedError } from "./connect.ts";
import { type Exchange, type ExchangeRequest, textOf } from "./exchange.ts";

/** How long what is waited for, in milliseconds. */
export interface Patience {
  /** One attempt. */
  readonly attempt: number;
  /** A server that cannot be reached. */
  readonly unreached: number;
  /** A call, with all its attempts. */
  readonly call: number;
}

/** An API server that is restarted, or moves to another machine, is waited for. */
export const PATIENCE: Patience = { attempt: 15_000, unreached: 60_000, call: 60_000 };

/** Milliseconds until the next attempt: at first, and at most. */
const PAUSES = { first: 100, last: 5_000 };

/** How a call is made. */
export interface ServerCallOptions {
  readonly request: Omit<ExchangeRequest, "signal">;
  readonly signal: AbortSignal;
  readonly patience?: Patience | undefined;
  /** Called when an attempt may have been carried out, although no answer came. */
  readonly onLost?: (() => void) | undefined;
}

/** What came of an attempt that did not succeed, and whether another one may. */
interface Failure {
  readonly error: ApiError;
  /** Seconds; `undefined` for an attempt that another one cannot make good. */
  readonly retryAfter?: number | undefined;
  readonly again: boolean;
  readonly isUnreached?: boolean | undefined;
}

/**
 * Makes a call, and waits for all of its answer. It is made again while the server is not there, is too
 * busy, or has said nothing; what has been carried out twice does no harm, or is for `onLost`.
 *
 * @throws {ApiError} if the server refuses it, or time is over; the reason of `signal` if that aborts.
 */
export async function callServer(
  exchange: Exchange,
  call: ApiCall,
  options: ServerCallOptions,
): Promise<string> {
  const { signal, patience = PATIENCE } = options;
  using deadline = new Deadline(patience.call, [signal]);
  const started = performance.now();
  let pause = PAUSES.first;
  for (;;) {
    const outcome = await attempt(exchange, call, { ...options, signal: deadline.signal });
    if (typeof outcome === "string") return outcome;
    signal.throwIfAborted();
    const patient = outcome.isUnreached ? patience.unreached : patience.call;
    const isOver = deadline.isOver || performance.now() - started > patient;
    if (!outcome.again || isOver) throw outcome.error;
    const wanted = 1000 * (outcome.retryAfter ?? 0);
    // Many who were sent away at once do not come back at once.
    await delay(Math.max(wanted, pause) * (1 + Math.random() / 4), deadline.signal).catch(() => {
      throw signal.aborted ? signal.reason : outcome.error;
    });
    pause = Math.min(PAUSES.last, 2 * pause);
  }
}

async function attempt(
  exchange: Exchange,
  call: ApiCall,
  { request, signal, patience = PATIENCE, onLost }: ServerCallOptions,
): Promise<string | Failure> {
  using deadline = new Deadline(patience.attempt, [signal]);
  try {
    const { status, retryAfter, body } = await exchange.send({
      ...request,
      signal: deadline.signal,
    });
    const text = await textOf(body, deadline.signal);
    if (status < 300) return text;
    const wanted = retryAfter ?? readStatus(text).details?.retryAfterSeconds;
    return {
      error: refusal(call, { status, text }),
      retryAfter: wanted,
      again: isBusy(status, wanted),
    };
  } catch (error) {
    // Credentials that cannot be had do not come by waiting; that error says all there is to say.
    if (error instanceof BackendUnusableError) throw error;
    const isUnreached = error instanceof UnreachedError;
    if (!isUnreached) onLost?.();
    return { error: unanswered(call, error), again: !isRefusedCertificate(error), isUnreached };
  }
}

/** Statuses of a server that wants to be asked later; 500 only if it says when. */
function isBusy(status: number, retryAfter: number | undefined): boolean {
  return [429, 502, 503, 504].includes(status) || status === 500 && retryAfter !== undefined;
}

function unanswered(call: ApiCall, cause: unknown): ApiError {
  const isLate = (cause as Error | undefined)?.name === "TimeoutError";
  const message = cause instanceof UnreachedError
    ? `the API server is not reached: ${cause.message}`
    : isLate
    ? "the API server does not answer in time"
    : `the API server has broken off: ${messageOf(cause)}`;
  return new ApiError(call, { message, cause });
}
