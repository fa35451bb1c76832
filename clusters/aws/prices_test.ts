import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { hourlyPrice, PRICE_LIST_DATE } from "./prices.ts";

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
    strictEqual(hourlyPrice(type)?.hourly.toFixed(6), price?.toFixed(6));
  });
}

Deno.test("hourlyPrice() says of which day its list is, which has no part in a correction", () => {
  const corrections = { "m7g.large": 0.09, "x9.large": 0 };
  strictEqual(hourlyPrice("t3.nano", corrections)?.listDate, PRICE_LIST_DATE);
  deepStrictEqual(hourlyPrice("m7g.large", corrections), { hourly: 0.09 });
  deepStrictEqual(hourlyPrice("x9.large", corrections), { hourly: 0 });
  strictEqual(hourlyPrice("constructor", corrections), undefined);
});
