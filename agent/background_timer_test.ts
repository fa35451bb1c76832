import { deepStrictEqual, ok } from "node:assert/strict";
import { startBackgroundTimer } from "./background_timer.ts";

/** Keeps the event loop going, which these timers do not. */
function keepAlive(): Disposable {
  const interval = setInterval(() => {}, 60_000);
  return { [Symbol.dispose]: () => clearInterval(interval) };
}

Deno.test("startBackgroundTimer() calls back after its time, once", async () => {
  using _alive = keepAlive();
  const started = performance.now();
  const calls: number[] = [];
  await new Promise<void>((resolve) =>
    startBackgroundTimer(20, () => {
      calls.push(performance.now() - started);
      resolve();
    })
  );
  await new Promise<void>((resolve) => startBackgroundTimer(30, resolve));
  ok(calls.length === 1 && calls[0]! >= 19, calls.join());
});

Deno.test("startBackgroundTimer() does not call back once it is disposed, nor twice", async () => {
  using _alive = keepAlive();
  const calls: string[] = [];
  startBackgroundTimer(10, () => calls.push("disposed"))[Symbol.dispose]();
  const timer = startBackgroundTimer(0, () => calls.push("there"));
  await new Promise<void>((resolve) => startBackgroundTimer(40, resolve));
  timer[Symbol.dispose]();
  deepStrictEqual(calls, ["there"]);
});

Deno.test("startBackgroundTimer() is not seen by sanitizers", () => {
  // That this test passes says so: its timer goes on.
  startBackgroundTimer(50, () => {});
});
