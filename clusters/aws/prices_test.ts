import { strictEqual } from "node:assert/strict";
import { hourlyPrice } from "./prices.ts";

const prices: Record<string, number | undefined> = {
  "t3.nano": 0.0052,
  "t3.small": 0.0208,
  "t4g.2xlarge": 0.2688,
  "m7g.large": 0.0816,
  "c7i.24xlarge": 4.284,
  "x9.large": undefined,
  "m5.metal": undefined,
};

for (const [type, price] of Object.entries(prices)) {
  Deno.test(`hourlyPrice() of ${type} is ${price}`, () => {
    strictEqual(hourlyPrice(type)?.toFixed(6), price?.toFixed(6));
  });
}
