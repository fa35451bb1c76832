import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { LineQueue } from "./line_queue.ts";

const MEBIBYTE = 1024 * 1024;

const lineOf = (text: string) => ({ text, size: text.length });

Deno.test("LineQueue gives back what it was given, in order", () => {
  const queue = new LineQueue();
  const taken: string[] = [];
  for (let i = 0; i < 10_000; i++) {
    strictEqual(queue.push(lineOf(`${i}`)), 0);
    if (i % 3 > 0) taken.push(queue.shift()!.text);
  }
  for (let line = queue.shift(); line; line = queue.shift()) taken.push(line.text);
  deepStrictEqual(taken, Array.from({ length: 10_000 }, (_, i) => `${i}`));
  strictEqual(queue.size, 0);
  strictEqual(queue.shift(), undefined);
});

Deno.test("LineQueue drops the oldest lines beyond its bound, and says how many bytes they had", () => {
  const queue = new LineQueue();
  let [pushed, dropped] = [1_000_000_000, 0];
  // What stands for missing bytes is not forgotten when it is dropped itself.
  dropped += queue.push({ text: "missing", size: 1_000_000_000 });
  for (let i = 0; i < 100; i++) {
    const line = lineOf("x".repeat(MEBIBYTE / 8));
    pushed += line.size;
    dropped += queue.push(line);
    ok(queue.size <= 4 * MEBIBYTE);
  }
  let rest = 0;
  for (let line = queue.shift(); line; line = queue.shift()) rest += line.size;
  ok(dropped > 0 && rest > MEBIBYTE);
  strictEqual(dropped + rest, pushed);
});
