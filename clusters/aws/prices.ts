import type { Price } from "../machines/mod.ts";

/**
 * The day on which the list below was written. Prices of AWS change after that: so every estimate
 * names this day, and `ec2({ prices })` corrects it. A change of the list is a change of this day.
 */
export const PRICE_LIST_DATE = "2026-11-27";

/**
 * Dollars per hour of the size "large" of common families: on demand, Linux, in us-east-1. Other
 * regions and other ways to pay differ, by a quarter or so; an estimate needs no more.
 */
const LARGE: Readonly<Record<string, number>> = {
  t2: 0.0928,
  t3: 0.0832,
  t3a: 0.0752,
  t4g: 0.0672,
  m5: 0.096,
  m5a: 0.086,
  m6a: 0.0864,
  m6i: 0.096,
  m6g: 0.077,
  m7a: 0.11592,
  m7i: 0.1008,
  m7g: 0.0816,
  m8g: 0.08976,
  c5: 0.085,
  c5a: 0.077,
  c6a: 0.0765,
  c6i: 0.085,
  c6g: 0.068,
  c7a: 0.10264,
  c7i: 0.08925,
  c7g: 0.0725,
  c8g: 0.07976,
  r5: 0.126,
  r5a: 0.113,
  r6a: 0.1134,
  r6i: 0.126,
  r6g: 0.1008,
  r7a: 0.15215,
  r7i: 0.1323,
  r7g: 0.1071,
  r8g: 0.11782,
};

/** How much of a "large" the other sizes are: prices go by what one gets. */
const SIZES: Readonly<Record<string, number>> = {
  nano: 1 / 16,
  micro: 1 / 8,
  small: 1 / 4,
  medium: 1 / 2,
  large: 1,
  xlarge: 2,
};

/**
 * Roughly what an instance costs: as `corrections` say, in dollars per hour by type, or as the list
 * does; `undefined` for a type that is in neither.
 */
export function hourlyPrice(
  instanceType: string,
  corrections: Readonly<Record<string, number>> = {},
): Price | undefined {
  if (Object.hasOwn(corrections, instanceType)) return { hourly: corrections[instanceType]! };
  const hourly = listedPrice(instanceType);
  return hourly === undefined ? undefined : { hourly, listDate: PRICE_LIST_DATE };
}

function listedPrice(instanceType: string): number | undefined {
  const [family = "", size = ""] = instanceType.split(".");
  const large = LARGE[family];
  const times = SIZES[size] ?? 2 * Number(/^(\d+)xlarge$/.exec(size)?.[1]);
  return large === undefined || Number.isNaN(times) ? undefined : large * times;
}
