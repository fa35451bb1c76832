import { rejects, strictEqual } from "node:assert/strict";
import { SharedWork } from "./shared_work.ts";

const { signal } = new AbortController();

Deno.test("SharedWork is done once for all who ask", async () => {
  const shared = new SharedWork();
  let times = 0;
  const ask = () => shared.once("key", () => Promise.resolve(++times), signal);
  strictEqual((await Promise.all([ask(), ask()])).join(), "1,1");
  strictEqual(await ask(), 1);
  strictEqual(await shared.once("other", () => Promise.resolve(++times), signal), 2);
});

Deno.test("SharedWork goes on for the others when one gives up", async () => {
  const shared = new SharedWork();
  const { promise, resolve } = Promise.withResolvers<string>();
  const controller = new AbortController();
  const mine = shared.once("key", () => promise, controller.signal);
  const others = shared.once("key", () => promise, signal);
  const reason = new Error("given up");
  controller.abort(reason);
  await rejects(mine, (error) => error === reason);
  resolve("done");
  strictEqual(await others, "done");
  await shared.settled();
});

Deno.test("SharedWork is tried again after it failed", async () => {
  const shared = new SharedWork();
  await rejects(shared.once("key", () => Promise.reject(new Error("no luck")), signal), /no luck/);
  strictEqual(await shared.once("key", () => Promise.resolve("luck"), signal), "luck");
});
