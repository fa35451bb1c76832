import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { EventDetail } from "../events/events.ts";
import { Bill } from "./bill.ts";
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

Deno.test("Bill estimates, and sums up what was used once it is closed", () => {
  const events: EventDetail[] = [];
  const bill = new Bill((event) => void events.push(event));
  bill.estimate(10, "t3.small");
  bill.begin("i-1", "t3.small");
  bill.begin("i-2", "t3.small");
  bill.end("i-1");
  bill.end("i-unknown");
  bill.close();
  const [estimate, sum] = events;
  const hourly = 10 * 0.0832 / 4;
  deepStrictEqual(estimate, {
    type: "cost-estimated",
    instances: 10,
    instanceType: "t3.small",
    hourly,
  });
  strictEqual(sum?.type === "cost-incurred" && sum.instances === 2 && sum.hours < 0.01, true);
});

Deno.test("Bill says that it does not know a price, and nothing when nothing was used", () => {
  const events: EventDetail[] = [];
  const bill = new Bill((event) => void events.push(event));
  bill.close();
  bill.begin("i-1", "x9.large");
  bill.close();
  deepStrictEqual(events.map((event) => event.type === "cost-incurred" && event.cost), [undefined]);
});
