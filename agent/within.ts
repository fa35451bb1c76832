import { Deadline } from "./deadline.ts";
import { unlessAborted } from "./unless_aborted.ts";

/** What ends a wait besides its time. */
export interface WithinOptions {
  /** Aborting ends the wait with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
  /** Makes the error of a wait that took too long. @default a `TimeoutError` */
  readonly reason?: (() => Error) | undefined;
}

/**
 * Waits for work that cannot be interrupted, but not longer than some milliseconds: rejects then, and
 * the work goes on, with whatever it brings ignored.
 */
export async function within<T>(
  milliseconds: number,
  work: Promise<T>,
  { signal, reason }: WithinOptions = {},
): Promise<T> {
  using deadline = new Deadline(milliseconds, [signal], reason);
  return await unlessAborted(work, deadline.signal);
}
