import type { Emit } from "../events/mod.ts";

/** Milliseconds of an hour. */
const HOUR = 60 * 60 * 1000;

/** What a machine of some type costs, roughly. */
export interface Price {
  /** Dollars per hour. */
  readonly hourly: number;
  /** Day of the price list that this is from, as in "2026-11-27"; none when the test gave the price. */
  readonly listDate?: string;
}

/** The price of a type of machine; `undefined` where that is not known. */
export type PriceOf = (instanceType: string) => Price | undefined;

/** An instance that runs, or has run. */
interface Item {
  readonly instanceType: string;
  readonly begin: number;
  end: number | undefined;
}

/** Adds up what the instances of a cluster cost, by the hour. */
export class Bill {
  readonly #emit: Emit;
  readonly #priceOf: PriceOf;
  readonly #items = new Map<string, Item>();

  constructor(emit: Emit, priceOf: PriceOf) {
    this.#emit = emit;
    this.#priceOf = priceOf;
  }

  /** Emits what instances that are about to be launched will cost. */
  estimate(instances: number, instanceType: string): void {
    const price = this.#priceOf(instanceType);
    const hourly = price && price.hourly * instances;
    this.#emit({
      type: "cost-estimated",
      instances,
      instanceType,
      hourly,
      priceListDate: price?.listDate,
    });
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

  /** Emits what the instances have cost, if there were any. */
  close(): void {
    if (this.#items.size === 0) return;
    const used = [...this.#items.values()].map(
      ({ instanceType, begin, end = performance.now() }) => {
        const hours = (end - begin) / HOUR;
        const price = this.#priceOf(instanceType);
        return { hours, cost: hours * (price?.hourly ?? NaN), listDate: price?.listDate };
      },
    );
    const hours = used.reduce((sum, each) => sum + each.hours, 0);
    const cost = used.reduce((sum, each) => sum + each.cost, 0);
    this.#emit({
      type: "cost-incurred",
      instances: used.length,
      hours,
      cost: Number.isNaN(cost) ? undefined : cost,
      priceListDate: Number.isNaN(cost)
        ? undefined
        : used.find(({ listDate }) => listDate !== undefined)?.listDate,
    });
  }
}
