import { strictEqual, throws } from "node:assert/strict";
import { median, quantile } from "./statistics.ts";

Deno.test("median() is the middle, or the mean of the two in the middle", () => {
  strictEqual(median([9, 1, 5]), 5);
  strictEqual(median([9, 1, 5, 3]), 4);
  strictEqual(median([7]), 7);
});

Deno.test("median() leaves what it is given in its order", () => {
  const values = [3, 1, 2];
  median(values);
  strictEqual(values.join(), "3,1,2");
});

Deno.test("quantile() is a value that occurred", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  strictEqual(quantile(hundred, 0.99), 99);
  strictEqual(quantile(hundred, 0.5), 50);
  strictEqual(quantile(hundred, 0), 1);
  strictEqual(quantile([4], 0.99), 4);
});

Deno.test("median() and quantile() refuse to make something of nothing", () => {
  throws(() => median([]), RangeError);
  throws(() => quantile([], 0.99), RangeError);
});
