import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { EventDetail } from "../events/mod.ts";
import { Bill, type PriceOf } from "./bill.ts";

const LIST_DATE = "2020-02-29";

const priceOf: PriceOf = (type) =>
  new Map([
    ["t3.small", { hourly: 0.05, listDate: LIST_DATE }],
    ["t3.given", { hourly: 0.05 }],
  ]).get(type);

Deno.test("Bill estimates, and sums up what was used once it is closed", () => {
  const events: EventDetail[] = [];
  const bill = new Bill((event) => void events.push(event), priceOf);
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
    priceListDate: LIST_DATE,
  });
  strictEqual(sum?.type === "cost-incurred" && sum.instances === 2 && sum.hours < 0.01, true);
  strictEqual(sum?.type === "cost-incurred" && sum.priceListDate, LIST_DATE);
});

Deno.test("Bill says that it does not know a price, and nothing when nothing was used", () => {
  const events: EventDetail[] = [];
  const bill = new Bill((event) => void events.push(event), priceOf);
  bill.close();
  bill.begin("i-1", "x9.large");
  bill.close();
  deepStrictEqual(events.map((event) => event.type === "cost-incurred" && event.cost), [undefined]);
});

Deno.test("Bill names the day of a price list only where a price is from one", () => {
  const events: EventDetail[] = [];
  const bill = new Bill((event) => void events.push(event), priceOf);
  bill.estimate(1, "t3.given");
  bill.begin("i-1", "t3.given");
  bill.close();
  bill.begin("i-2", "t3.small");
  bill.close();
  bill.begin("i-3", "x9.large");
  bill.close();
  const dates = events.map((event) => "priceListDate" in event && event.priceListDate);
  deepStrictEqual(dates, [undefined, undefined, LIST_DATE, undefined]);
});
