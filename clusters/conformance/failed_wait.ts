import { ok } from "node:assert/strict";
import { TimeoutError } from "../errors.ts";

/** Milliseconds after which a wait is not given more. */
const A_MINUTE = 60_000;

/**
 * What a wait fails with once it has seen enough. It takes twice as long the next time where a machine is
 * too busy for as much.
 */
export async function failedWait(
  wait: (options: { readonly timeout: number }) => Promise<unknown>,
  hasSeenEnough: (error: TimeoutError) => boolean,
): Promise<TimeoutError> {
  for (let timeout = 250;; timeout *= 2) {
    const error = await wait({ timeout }).catch((error) => error);
    ok(error instanceof TimeoutError, `${error}`);
    if (hasSeenEnough(error) || timeout > A_MINUTE) return error;
  }
}
