import { ok, rejects, strictEqual } from "node:assert/strict";
import { pauseAfter, retry } from "./retry.ts";

function failure(name: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
}

/** Fails with each of these, then succeeds; resolves to how often it was tried. */
async function tries(failures: Error[], retryOn: string[] = []): Promise<number> {
  let count = 0;
  const attempt = (): Promise<number> => {
    const error = failures[count++];
    return error === undefined ? Promise.resolve(count) : Promise.reject(error);
  };
  return await retry(attempt, { signal: AbortSignal.timeout(30_000), retryOn });
}

Deno.test("retry() comes back when AWS asks for it, or fails itself", async () => {
  strictEqual(await tries([failure("RequestLimitExceeded", 503)]), 2);
  strictEqual(await tries([failure("InternalError", 500)]), 2);
  strictEqual(await tries([Object.assign(new Error("broken"), { code: "ECONNRESET" })]), 2);
});

Deno.test("retry() does not repeat what will fail again", async () => {
  await rejects(tries([failure("UnauthorizedOperation", 403)]), /UnauthorizedOperation/);
  await rejects(tries([failure("InsufficientInstanceCapacity", 500)]), /InsufficientInstance/);
});

Deno.test("retry() repeats what a caller knows to go away", async () => {
  const unknown = failure("InvalidInstanceID.NotFound");
  await rejects(tries([unknown]), /NotFound/);
  strictEqual(await tries([unknown], ["InvalidInstanceID.NotFound"]), 2);
});

Deno.test("retry() gives up at once when its signal aborts", async () => {
  const controller = new AbortController();
  const attempt = (): Promise<never> => {
    controller.abort(new Error("enough"));
    return Promise.reject(failure("SlowDown", 503));
  };
  await rejects(retry(attempt, { signal: controller.signal, retryOn: [] }), /SlowDown/);
  await rejects(retry(attempt, { signal: controller.signal, retryOn: [] }), /enough/);
});

Deno.test("pauseAfter() grows up to a bound, and is never the same for all", () => {
  for (const [tries, bound] of [[1, 300], [3, 1200], [30, 15_000]] as const) {
    const pauses = Array.from({ length: 100 }, () => pauseAfter(tries));
    ok(pauses.every((pause) => pause >= bound / 4 && pause <= bound));
    ok(new Set(pauses).size > 50);
  }
});
