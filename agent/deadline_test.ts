import { ok, rejects, strictEqual } from "node:assert/strict";
import { Deadline } from "./deadline.ts";
import { delay } from "./delay.ts";

Deno.test("a deadline aborts when its time is over", async () => {
  using deadline = new Deadline(10);
  strictEqual(deadline.isOver, false);
  await rejects(delay(60_000, deadline.signal), { name: "TimeoutError" });
  ok(deadline.isOver);
});

Deno.test("a deadline aborts with a signal, whose reason it has", async () => {
  const reason = new Error("enough");
  using deadline = new Deadline(60_000, [undefined, AbortSignal.abort(reason)]);
  await rejects(delay(60_000, deadline.signal), reason);
  strictEqual(deadline.isOver, false);
});

Deno.test("a deadline does not abort when its time is longer than timers can be", async () => {
  for (const milliseconds of [Infinity, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
    using deadline = new Deadline(milliseconds);
    await delay(10);
    strictEqual(deadline.signal.aborted, false, `${milliseconds}`);
  }
});

Deno.test("a deadline that was disposed keeps no program alive", async () => {
  const module = import.meta.resolve("./deadline.ts");
  const program = `import { Deadline } from ${JSON.stringify(module)};
    using deadline = new Deadline(600_000);
    deadline.signal.addEventListener("abort", () => {});`;
  const args = ["eval", program];
  const { success } = await new Deno.Command(Deno.execPath(), {
    args,
    signal: AbortSignal.timeout(30_000),
  }).output();
  ok(success);
});
