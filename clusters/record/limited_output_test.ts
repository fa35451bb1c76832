import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { TokenBucket } from "../../agent/host/token_bucket.ts";
import { LimitedOutput } from "./limited_output.ts";

/** What was written: how much was missing before each part, and how long that is. */
interface Written {
  readonly parts: [missing: number, size: number][];
  readonly output: LimitedOutput;
}

/** An output of which a thousand bytes may be written at once, and hardly any later. */
function limited(): Written {
  const parts: [number, number][] = [];
  const bucket = new TokenBucket(1000);
  bucket.take(0);
  const output = new LimitedOutput(bucket, (missing, bytes) => parts.push([missing, bytes.length]));
  return { parts, output };
}

Deno.test("LimitedOutput writes what is slow enough at once, with what is missing before it", () => {
  const { parts, output } = limited();
  output.take(0, new Uint8Array(400));
  output.take(7, new Uint8Array(400));
  deepStrictEqual(parts, [[0, 400], [7, 400]]);
});

Deno.test("LimitedOutput writes the latest part of what is too fast when it is flushed", () => {
  const { parts, output } = limited();
  output.take(5, new Uint8Array(300 * 1024));
  output.take(0, new Uint8Array(10 * 1024));
  deepStrictEqual(parts, []);
  output.flush();
  output.flush();
  deepStrictEqual(parts, [[5 + 54 * 1024, 256 * 1024]]);
});

Deno.test("LimitedOutput writes what was too fast by itself, after a while", async () => {
  // A timer that keeps this test from ending: the one that is tested does not.
  const alive = setInterval(() => {}, 1_000);
  const { promise, resolve } = Promise.withResolvers<number>();
  const output = new LimitedOutput(new TokenBucket(10), (_, { length }) => resolve(length));
  output.take(0, new Uint8Array(11));
  strictEqual(await promise, 11);
  clearInterval(alive);
});

Deno.test("LimitedOutput keeps gaps of its source where they are", () => {
  const { parts, output } = limited();
  output.take(0, new Uint8Array(2000));
  output.take(3, new Uint8Array(4000));
  output.flush();
  deepStrictEqual(parts, [[0, 2000], [3, 4000]]);
});
