import { rejects } from "node:assert/strict";
import { delay } from "./delay.ts";

Deno.test("delay() ends with its signal alone when it is longer than a timer can be", async () => {
  for (const milliseconds of [Infinity, 2 ** 31]) {
    const controller = new AbortController();
    const over = delay(milliseconds, controller.signal);
    const first = await Promise.race([over.then(() => "over"), delay(20).then(() => "waits")]);
    controller.abort(new Error(first));
    await rejects(over, { message: "waits" });
  }
});
