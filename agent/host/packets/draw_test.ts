import { notStrictEqual, ok, strictEqual } from "node:assert/strict";
import { draw, hash } from "./draw.ts";

Deno.test("draw() is the same for the same numbers, and spreads evenly over others", () => {
  strictEqual(draw(7, 1, 2), draw(7, 1, 2));
  for (
    const vary of [(i: number) => draw(i, 1), (i: number) => draw(1, i), (i: number) => draw(i)]
  ) {
    const drawn = Array.from({ length: 10_000 }, (_, i) => vary(i));
    ok(drawn.every((each) => each >= 0 && each < 1));
    const mean = drawn.reduce((sum, each) => sum + each) / drawn.length;
    ok(Math.abs(mean - 0.5) < 0.02, `mean ${mean}`);
    const rare = drawn.filter((each) => each < 0.01).length;
    ok(rare > 50 && rare < 150, `${rare} of 10,000 below 0.01`);
  }
});

Deno.test("hash() tells the order of numbers apart", () => {
  notStrictEqual(hash(1, 2), hash(2, 1));
});
