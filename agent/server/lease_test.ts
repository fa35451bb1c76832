import assert from "node:assert/strict";
import { Lease, type LeaseEnd, type LeaseOptions } from "./lease.ts";

Deno.test("Lease ends when no heartbeat comes", async () => {
  const started = performance.now();
  assert.equal(await endOf({ timeout: 100 }), "lease");
  assert.ok(performance.now() - started >= 95);
});

Deno.test("Lease ends at the end of its life though heartbeats come", async () => {
  const started = performance.now();
  assert.equal(await endOf({ timeout: 100, maxLife: 300 }, { heartbeats: true }), "max-life");
  assert.ok(performance.now() - started >= 295);
});

Deno.test("Lease waits longer for the first heartbeat than for others, if it is to", async () => {
  const started = performance.now();
  assert.equal(await endOf({ timeout: 100, startTimeout: 300 }), "lease");
  assert.ok(performance.now() - started >= 295);
  const { promise, resolve } = Promise.withResolvers<LeaseEnd>();
  using lease = new Lease({ timeout: 100, startTimeout: 1_000_000, onEnd: resolve });
  lease.renew();
  assert.equal(await promise, "lease");
});

Deno.test("Lease begins when the runner comes, whose later connections are no heartbeats", async () => {
  const { promise, resolve } = Promise.withResolvers<LeaseEnd>();
  using lease = new Lease({ timeout: 100, startTimeout: 1_000_000, onEnd: resolve });
  const connections = setInterval(() => lease.begin(), 10);
  assert.equal(await promise, "lease");
  clearInterval(connections);
});

Deno.test("Lease is no shorter before the first heartbeat than after it", async () => {
  const started = performance.now();
  assert.equal(await endOf({ timeout: 100, startTimeout: 10 }), "lease");
  assert.ok(performance.now() - started >= 95);
});

Deno.test("Lease does not take the time of a pause for silence", async () => {
  const started = performance.now();
  const ended = endOf({ timeout: 400 });
  pauseThread(500);
  assert.equal(await ended, "lease");
  assert.ok(performance.now() - started >= 850, "it judged as soon as it could");
});

Deno.test("Lease tells its watch at each look how much of it is left", async () => {
  const { promise, resolve } = Promise.withResolvers<LeaseEnd>();
  using lease = new Lease({ timeout: 100, maxLife: 1_000, onEnd: resolve });
  const left: number[] = [];
  lease.watch = { timeLeft: (milliseconds) => left.push(milliseconds) };
  await promise;
  assert.deepEqual(left, Array.from({ length: 19 }, (_, i) => 95 - 5 * i));
  using short = new Lease({ timeout: 1_000, maxLife: 100, onEnd: () => {} });
  const { promise: told, resolve: tell } = Promise.withResolvers<number>();
  short.watch = { timeLeft: tell };
  assert.equal(await told, 50);
});

Deno.test("Lease tells when half of it has passed, while a watch can still be told how much is left", async () => {
  using lease = new Lease({ timeout: 400, onEnd: () => {} });
  await lease.firstHalf;
  const { promise, resolve } = Promise.withResolvers<number>();
  lease.watch = { timeLeft: resolve };
  assert.equal(await promise, 180);
});

Deno.test("Lease tells when its first half has passed though it was renewed", async () => {
  using lease = new Lease({ timeout: 400, onEnd: () => {} });
  const renewals = setInterval(() => lease.renew(), 10);
  await lease.firstHalf;
  clearInterval(renewals);
});

async function endOf(
  options: Omit<LeaseOptions, "onEnd">,
  { heartbeats = false } = {},
): Promise<LeaseEnd> {
  const { promise, resolve } = Promise.withResolvers<LeaseEnd>();
  using lease = new Lease({ ...options, onEnd: resolve });
  const timer = setInterval(() => heartbeats && lease.renew(), 10);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}

/** Nothing of this thread runs meanwhile, as when its host is paused. */
function pauseThread(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
