import type { ReportSeries } from "./report_data.ts";
import type { Timeline } from "./timeline.ts";

/** Values of one series that are kept: of more, every second one is left out, again and again. */
const MAX_VALUES = 5_000;

/** What the test has measured by one name, on one node. */
interface Measured {
  readonly name: string;
  readonly unit: string;
  readonly lane: number | undefined;
  times: number[];
  values: number[];
  /** Of so many values that came one is kept. */
  step: number;
  count: number;
}

/** What the tests of a cluster have measured, as series over time. */
export class MeasuredSeries {
  readonly #timeline: Timeline;
  readonly #measured = new Map<string, Measured>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  /** All of them. */
  get all(): ReportSeries[] {
    return [...this.#measured.values()].map(({ name, unit, lane, times, values }) => ({
      ...{ name, unit, times, values },
      ...lane !== undefined && { lane },
    }));
  }

  /** Takes a value; `time` is in milliseconds since the epoch. */
  take(
    { time, name, unit = "", value }: {
      readonly time: number;
      readonly name: string;
      readonly unit?: string | undefined;
      readonly value: number;
    },
    lane: number | undefined,
  ): void {
    if (!Number.isFinite(value)) return;
    const key = JSON.stringify([lane, name, unit]);
    const known = this.#measured.get(key) ??
      { name: String(name), unit: String(unit), lane, times: [], values: [], step: 1, count: 0 };
    this.#measured.set(key, known);
    if (known.count++ % known.step !== 0) return;
    known.times.push(this.#timeline.since(time));
    known.values.push(value);
    if (known.times.length > MAX_VALUES) thin(known);
  }
}

function thin(measured: Measured): void {
  const isKept = (_: number, i: number) => i % 2 === 0;
  measured.times = measured.times.filter(isKept);
  measured.values = measured.values.filter(isKept);
  measured.step *= 2;
}
