import assert from "node:assert/strict";
import fc from "fast-check";
import { inOrder } from "./in_order.ts";

Deno.test("inOrder() merges sequences, and keeps the order of each", () => {
  const sequence = fc.array(fc.nat(20)).map((times) => times.sort((a, b) => a - b));
  fc.assert(fc.property(fc.array(sequence), (sequences) => {
    const items = sequences.map((times, from) => times.map((time, i) => ({ time, from, i })));
    const sorted = items.flat().sort((a, b) => a.time - b.time || a.from - b.from || a.i - b.i);
    assert.deepEqual([...inOrder(items)], sorted);
  }));
});
