import { rejects, strictEqual } from "node:assert/strict";
import { settledWithin } from "./settled_within.ts";
import { within } from "./within.ts";

const never = new Promise<never>(() => {});

Deno.test("within() brings what the work brings, and leaves no timer behind", async () => {
  strictEqual(await within(60_000, Promise.resolve(7)), 7);
  await rejects(within(60_000, Promise.reject(new RangeError("no"))), RangeError);
});

Deno.test("within() rejects when the time is over", async () => {
  await rejects(within(1, never), { name: "TimeoutError", message: "It took more than 1 ms" });
  const reason = () => new RangeError("too late");
  await rejects(within(1, never, { reason }), { name: "RangeError", message: "too late" });
});

Deno.test("within() rejects with the reason of its signal, also of one that had aborted", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("enough");
  const waiting = within(60_000, never, { signal });
  controller.abort(reason);
  strictEqual(await waiting.catch((error) => error), reason);
  strictEqual(await within(60_000, never, { signal }).catch((error) => error), reason);
});

Deno.test("within() does not wait for ever for a failure that comes too late", async () => {
  const work = Promise.withResolvers<never>();
  await rejects(within(1, work.promise), { name: "TimeoutError" });
  // Without a handler, this would fail the test.
  work.reject(new Error("late"));
});

Deno.test("settledWithin() resolves for work that fails, and for work that never ends", async () => {
  await settledWithin(60_000, Promise.reject(new Error("no")));
  await settledWithin(1, never);
});
