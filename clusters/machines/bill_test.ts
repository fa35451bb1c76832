import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { EventDetail } from "../events/mod.ts";
import { Bill, type HourlyPrice } from "./bill.ts";

const hourlyPrice: HourlyPrice = (type) => type === "t3.small" ? 0.05 : undefined;

Deno.test("Bill estimates, and sums up what was used once it is closed", () => {
  const events: EventDetail[] = [];
  const bill = new Bill((event) => void events.push(event), hourlyPrice);
  bill.estimate(10, "t3.small");
  bill.begin("i-1", "t3.small");
  bill.begin("i-2", "t3.small");
  bill.end("i-1");
  bill.end("i-unknown");
  bill.close();
  const [estimate, sum] = events;
  deepStrictEqual(estimate, {
    type: "cost-estimated",
    instances: 10,
    instanceType: "t3.small",
    hourly: 0.5,
  });
  strictEqual(sum?.type === "cost-incurred" && sum.instances === 2 && sum.hours < 0.01, true);
});

Deno.test("Bill says that it does not know a price, and nothing when nothing was used", () => {
  const events: EventDetail[] = [];
  const bill = new Bill((event) => void events.push(event), hourlyPrice);
  bill.close();
  bill.begin("i-1", "x9.large");
  bill.close();
  deepStrictEqual(events.map((event) => event.type === "cost-incurred" && event.cost), [undefined]);
});
