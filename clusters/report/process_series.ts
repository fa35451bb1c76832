import type { Bucket } from "./series_bucket.ts";
import type { ReportSeries } from "./report_data.ts";
import { shortValue } from "./short_value.ts";

/** Processes of a node that have series of their own: those that used the most. */
const MAX_PROCESSES = 5;

/** What the processes of a node used, as series over time. */
export function processSeries(
  buckets: readonly Bucket[],
  { lane, times, error, names }: {
    readonly lane: number;
    /** Those of the buckets. */
    readonly times: readonly number[];
    /** Milliseconds by which these may be wrong. */
    readonly error: number;
    /** The names of processes, by their numbers. */
    readonly names: ReadonlyMap<number, string>;
  },
): ReportSeries[] {
  const series = (
    { name, unit, number }: Pick<ReportSeries, "name" | "unit"> & { readonly number: number },
    values: (number | null)[],
  ): ReportSeries => {
    const known = names.get(number);
    const label = known === undefined ? `process ${number}` : `${number}-${known}`;
    return { lane, name, unit, label, times, values, ...error > 0 && { error } };
  };
  return [
    ...largest(buckets, "cpu").map((number) =>
      series({ name: "CPU of processes", unit: "cores", number }, ratesOf(buckets, number))
    ),
    ...largest(buckets, "memory").map((number) =>
      series(
        { name: "memory of processes", unit: "bytes", number },
        buckets.map(({ processes }) => shortValue(processes.get(number)?.memory)),
      )
    ),
  ];
}

/** The processes that used the most processors' time, or had the largest memory. */
function largest(buckets: readonly Bucket[], what: "cpu" | "memory"): number[] {
  const amounts = new Map<number, number>();
  for (const { processes } of buckets) {
    for (const [number, used] of processes) {
      const before = amounts.get(number) ?? 0;
      amounts.set(number, what === "cpu" ? before + used.cpu : Math.max(before, used.memory));
    }
  }
  return [...amounts].filter(([, amount]) => amount > 0).sort(([, a], [, b]) => b - a)
    .slice(0, MAX_PROCESSES).map(([number]) => number);
}

/** Between two of its samples, a process of which nothing is told has used nothing. */
function ratesOf(buckets: readonly Bucket[], number: number): (number | null)[] {
  const first = buckets.findIndex(({ processes }) => processes.has(number));
  const last = buckets.findLastIndex(({ processes }) => processes.has(number));
  return buckets.map(({ processes, span }, i) => {
    if (i < first || i > last || span === 0) return null;
    return shortValue((processes.get(number)?.cpu ?? 0) / span);
  });
}
