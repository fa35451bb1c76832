import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { batchesOf, marketsOf } from "./batches.ts";

const cases: { count: number; shares: number; sizes: Record<number, number[]> }[] = [
  { count: 1, shares: 1, sizes: { 0: [1] } },
  { count: 100, shares: 1, sizes: { 0: [100] } },
  { count: 250, shares: 1, sizes: { 0: [100, 100, 50] } },
  { count: 7, shares: 3, sizes: { 0: [3], 1: [2], 2: [2] } },
  { count: 2, shares: 3, sizes: { 0: [1], 1: [1] } },
  { count: 302, shares: 2, sizes: { 0: [100, 51], 1: [100, 51] } },
];

for (const { count, shares, sizes } of cases) {
  Deno.test(`batchesOf() shares ${count} out among ${shares}`, () => {
    const batches = Map.groupBy(batchesOf(count, shares), ({ share }) => share);
    const found = [...batches].map(([share, of]) => [share, of.map(({ size }) => size)]);
    deepStrictEqual(Object.fromEntries(found), sizes);
  });
}

Deno.test("batchesOf() asks for a thousand by ten requests", () => {
  strictEqual(batchesOf(1000, 1).length, 10);
});

Deno.test("marketsOf() takes others where there is nothing to spare, unless told not to", () => {
  deepStrictEqual(marketsOf({}), ["on-demand"]);
  deepStrictEqual(marketsOf({ spot: true }), ["spot", "on-demand"]);
  deepStrictEqual(marketsOf({ spot: { maxPrice: 1 } }), ["spot", "on-demand"]);
  deepStrictEqual(marketsOf({ spot: { fallback: false } }), ["spot"]);
});
