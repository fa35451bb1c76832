import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { abortable } from "./abortable.ts";

Deno.test("abortable() survives that what came too late cannot be undone", async () => {
  const controller = new AbortController();
  const work = Promise.withResolvers<string>();
  const call = abortable(controller.signal, () => work.promise, (late) => {
    throw new Error(`Cannot undo "${late}"`);
  });
  controller.abort(new Error("enough"));
  await assert.rejects(call, { message: "enough" });
  work.resolve("late");
  // An unhandled rejection would end the program of this test.
  await setImmediate();
});
