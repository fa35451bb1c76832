import assert from "node:assert/strict";
import { TimeoutError } from "../errors.ts";
import { HeldTimeLimits } from "../test/testing/held_time_limits.ts";
import { eventually } from "./eventually.ts";

/** A check that fails so many times, and then gives its value. */
function failing(times: number, value: string): () => string {
  let tries = 0;
  return () => {
    if (++tries <= times) throw new Error(`try ${tries}`);
    return value;
  };
}

Deno.test("eventually() resolves to what its check gives, at once if it can", async () => {
  assert.equal(await eventually(() => "there"), "there");
  assert.equal(await eventually(() => Promise.resolve("there")), "there");
});

Deno.test("eventually() tries again until its check neither throws nor rejects", async () => {
  assert.equal(await eventually(failing(3, "there"), { interval: 0 }), "there");
  const rejecting = failing(2, "there");
  assert.equal(await eventually(() => Promise.try(rejecting), { interval: 1 }), "there");
});

Deno.test("eventually() says how often it tried, and what it saw last", async () => {
  using limits = new HeldTimeLimits();
  const timeout = limits.next();
  let tries = 0;
  const check = () => {
    if (++tries === 3) limits.reach(timeout);
    assert.equal(tries, -1);
  };
  const error = await eventually(check, { timeout, interval: 5 }).catch((error) => error);
  assert.ok(error instanceof TimeoutError);
  assert.equal(error.tries, tries);
  assert.equal(error.timeout, timeout);
  assert.ok(error.cause instanceof assert.AssertionError);
  assert.match(
    error.message,
    /^Cannot complete eventually\(check\): it did not succeed within \d+ ms; tried \d+ times, the last time it failed with: AssertionError: /,
  );
  assert.match(error.stack!, /^TimeoutError: [^]*?\n +at .*eventually_test\.ts/);
  assert.doesNotMatch(error.stack!, /try_until\.ts/);
});

Deno.test("eventually() does not wait for a check that hangs", async () => {
  using limits = new HeldTimeLimits();
  const timeout = limits.next();
  let tries = 0;
  const check = () => {
    if (++tries === 1) throw "first";
    limits.reach(timeout);
    return new Promise<never>(() => {});
  };
  const error = await eventually(check, { timeout, interval: 0 }).catch((error) => error);
  assert.equal(
    error.message,
    `Cannot complete eventually(check): it did not succeed within ${timeout} ms; tried 2 times, ` +
      'the last time it failed with: "first"',
  );
  const never = eventually(() => new Promise<never>(() => {}), { timeout: 10 });
  const state = /: it did not succeed within 10 ms; tried once, and no try ended$/;
  await assert.rejects(never, state);
});

Deno.test("eventually() rejects with the reason of its signal, and tries nothing after that", async () => {
  const reason = new Error("enough");
  let tries = 0;
  const check = () => {
    tries++;
    throw new Error("not yet");
  };
  await assert.rejects(eventually(check, { signal: AbortSignal.abort(reason) }), reason);
  assert.equal(tries, 0);
  const controller = new AbortController();
  const waiting = eventually(() => {
    if (tries === 2) controller.abort(reason);
    check();
  }, { interval: 0, signal: controller.signal });
  await assert.rejects(waiting, reason);
  assert.equal(tries, 3);
});

Deno.test("eventually() quotes a check that has no name, on one line and not all of it", async () => {
  const failed = eventually(
    () =>
      Promise.reject(
        new Error("a reason that is so long that the source of its check is not quoted as a whole"),
      ),
    { timeout: 0 },
  );
  await assert.rejects(
    failed,
    /^TimeoutError: Cannot complete eventually\(\(\) ?=> ?Promise\.reject\( ?new Error\("a reason.*…\): it/,
  );
});

Deno.test("eventually() tries once when there is no time at all", async () => {
  assert.equal(await eventually(() => "there", { timeout: 0 }), "there");
});

const wrong = [
  [{ timeout: -1 }, RangeError],
  [{ interval: NaN }, RangeError],
  [{ timeout: "5s" as unknown as number }, TypeError],
  [{ timeOut: 5 } as object, TypeError],
  [5 as unknown as object, TypeError],
  [{ signal: {} as AbortSignal }, TypeError],
] as const;

for (const [options, kind] of wrong) {
  Deno.test(`eventually() refuses ${Deno.inspect(options)}, and tries nothing`, async () => {
    await assert.rejects(eventually(() => assert.fail("tried"), options), kind);
  });
}
