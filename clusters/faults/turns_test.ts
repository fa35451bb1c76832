import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { Turns } from "./turns.ts";

Deno.test("Turns.take() does work one after the other, also after work that has failed", async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const works = [
    turns.take(async () => {
      await first.promise;
      seen.push("first");
      throw new Error("failed");
    }),
    // deno-lint-ignore require-await -- what comes next is to wait for its turn
    turns.take(async () => seen.push("second")),
  ];
  first.resolve();
  await rejects(works[0]!, /failed/);
  await works[1];
  deepStrictEqual(seen, ["first", "second"]);
});

Deno.test("Turns.take() leaves work out whose signal aborts before its turn, and keeps the order", async () => {
  const turns = new Turns();
  const reason = new Error("enough");
  const isReason = (error: unknown) => error === reason;
  const first = Promise.withResolvers<string>();
  const controller = new AbortController();
  const never = () => Promise.reject(new Error("this is not to be done"));
  const doing = turns.take(() => first.promise);
  const waiting = turns.take(never, controller.signal);
  let isLastDone = false;
  const last = turns.take(() => Promise.resolve(isLastDone = true));
  controller.abort(reason);
  await rejects(waiting, isReason);
  strictEqual(isLastDone, false);
  first.resolve("done");
  deepStrictEqual(await Promise.all([doing, last]), ["done", true]);
  await rejects(turns.take(never, controller.signal), isReason);
});
