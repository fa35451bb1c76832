import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { SilenceLimit } from "./silence_limit.ts";

Deno.test("SilenceLimit aborts when nothing comes", async () => {
  using silence = new SilenceLimit("pull", 10);
  const aborted = new Promise((_, reject) => {
    silence.signal.addEventListener("abort", () => reject(silence.signal.reason));
  });
  await rejects(aborted, /Cannot pull: the engine has said nothing for 0\.01 s/);
});

Deno.test("SilenceLimit hands on what comes and ends with its owner", async () => {
  const heard: number[] = [];
  {
    using silence = new SilenceLimit("pull", 60_000);
    for await (const piece of silence.watch(ReadableStream.from([1, 2]))) heard.push(piece);
    strictEqual(silence.signal.aborted, false);
  }
  deepStrictEqual(heard, [1, 2]);
});
