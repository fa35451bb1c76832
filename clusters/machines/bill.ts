import type { Emit } from "../events/mod.ts";

/** Milliseconds of an hour. */
const HOUR = 60 * 60 * 1000;

/** Dollars per hour of a type of machine; `undefined` where that is not known. */
export type HourlyPrice = (instanceType: string) => number | undefined;

/** An instance that runs, or has run. */
interface Item {
  readonly instanceType: string;
  readonly begin: number;
  end: number | undefined;
}

/** What instances a cluster has, and had, by the hour. */
export class Bill {
  readonly #emit: Emit;
  readonly #price: HourlyPrice;
  readonly #items = new Map<string, Item>();

  constructor(emit: Emit, price: HourlyPrice) {
    this.#emit = emit;
    this.#price = price;
  }

  /** Says what is about to be launched will cost. */
  estimate(instances: number, instanceType: string): void {
    const price = this.#price(instanceType);
    const hourly = price === undefined ? undefined : price * instances;
    this.#emit({ type: "cost-estimated", instances, instanceType, hourly });
  }

  /** An instance was launched. */
  begin(id: string, instanceType: string): void {
    this.#items.set(id, { instanceType, begin: performance.now(), end: undefined });
  }

  /** An instance was terminated; the first time counts. */
  end(id: string): void {
    const item = this.#items.get(id);
    if (item !== undefined) item.end ??= performance.now();
  }

  /** Says what was used, if anything was. */
  close(): void {
    if (this.#items.size === 0) return;
    const used = [...this.#items.values()].map(
      ({ instanceType, begin, end = performance.now() }) => {
        const hours = (end - begin) / HOUR;
        return { hours, cost: hours * (this.#price(instanceType) ?? NaN) };
      },
    );
    const hours = used.reduce((sum, each) => sum + each.hours, 0);
    const cost = used.reduce((sum, each) => sum + each.cost, 0);
    this.#emit({
      type: "cost-incurred",
      instances: used.length,
      hours,
      cost: Number.isNaN(cost) ? undefined : cost,
    });
  }
}
