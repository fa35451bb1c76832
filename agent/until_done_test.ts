import { rejects, strictEqual } from "node:assert/strict";
import { UntilDone } from "./until_done.ts";

Deno.test("UntilDone does its work once, whoever asks how often", async () => {
  let times = 0;
  const work = new UntilDone(() => Promise.resolve(void times++));
  strictEqual(work.hasBegun, false);
  await Promise.all([work.run(), work.run()]);
  await work.run();
  strictEqual(times, 1);
  strictEqual(work.hasBegun, true);
});

Deno.test("UntilDone tries again what failed, once for all who ask meanwhile", async () => {
  let times = 0;
  const work = new UntilDone(() =>
    ++times === 1 ? Promise.reject(new Error("not yet")) : Promise.resolve()
  );
  const [first, second] = [work.run(), work.run()];
  await rejects(first, /not yet/);
  await rejects(second, /not yet/);
  strictEqual(work.hasBegun, false);
  await work.run();
  strictEqual(times, 2);
});

Deno.test("UntilDone tries again what threw before it began", async () => {
  let times = 0;
  const work = new UntilDone(() => {
    if (++times === 1) throw new Error("at once");
    return Promise.resolve();
  });
  await rejects(work.run(), /at once/);
  await work.run();
  strictEqual(times, 2);
});
