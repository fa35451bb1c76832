import type { Bucket } from "./series_bucket.ts";
import type { RecordedSample } from "../runs/mod.ts";
import { processSeries } from "./process_series.ts";
import type { ReportSeries } from "./report_data.ts";
import { shortValue } from "./short_value.ts";

/** How series are made of samples. */
export interface NodeSeriesOptions {
  readonly lane: number;
  /** The time of a report for a time since the epoch. */
  readonly since: (time: number) => number;
  /** Milliseconds that one value stands for at least. */
  readonly resolution: number;
  /** The names of processes, by their numbers. @default processes have no series */
  readonly processNames?: ReadonlyMap<number, string> | undefined;
}

/** What is a rate, by the name of its chart, its unit and its line. */
const RATES:
  readonly (readonly [keyof RecordedSample, name: string, unit: string, label?: string])[] = [
    ["cpu", "CPU", "cores"],
    ["received", "network", "bytes per second", "in"],
    ["sent", "network", "bytes per second", "out"],
    ["packetsIn", "packets", "per second", "in"],
    ["packetsOut", "packets", "per second", "out"],
    ["read", "disk", "bytes per second", "read"],
    ["written", "disk", "bytes per second", "written"],
  ];

/** What is a state. */
const LEVELS:
  readonly (readonly [keyof RecordedSample, name: string, unit: string, label?: string])[] = [
    ["memory", "memory", "bytes"],
    ["memoryPeak", "memory", "bytes", "peak, with caches"],
    ["memoryLimit", "memory", "bytes", "limit"],
    ["files", "open files", ""],
    ["load", "load of the machine", ""],
  ];

/** What a node used, as series over time; none of what is not known of it. */
export function nodeSeries(
  samples: Iterable<RecordedSample>,
  { lane, since, resolution, processNames }: NodeSeriesOptions,
): ReportSeries[] {
  const buckets = [...bucketsOf(samples, { since, resolution })];
  const error = Math.ceil(buckets.reduce((most, bucket) => Math.max(most, bucket.error), 0));
  const times = buckets.map(({ time }) => Math.round(time));
  const series = (
    [name, unit, label]: readonly [string, string, string?],
    valueOf: (bucket: Bucket) => number | undefined,
  ): ReportSeries[] => {
    const values = buckets.map((bucket) => shortValue(valueOf(bucket)));
    if (values.every((value) => value === null)) return [];
    const about = { ...label !== undefined && { label }, ...error > 0 && { error } };
    return [{ lane, name, unit, ...about, times, values }];
  };
  return [
    ...RATES.flatMap(([key, ...names]) => series(names, (bucket) => rateOf(bucket, key))),
    ...LEVELS.flatMap(([key, ...names]) => series(names, ({ levels }) => levels.get(key))),
    ...processNames ? processSeries(buckets, { lane, times, error, names: processNames }) : [],
  ];
}

function* bucketsOf(
  samples: Iterable<RecordedSample>,
  { since, resolution }: Pick<NodeSeriesOptions, "resolution" | "since">,
): Generator<Bucket> {
  let bucket: Bucket | undefined;
  let first = 0;
  for (const sample of samples) {
    const time = since(sample.time);
    if (bucket && time - first >= resolution) {
      yield bucket;
      bucket = undefined;
    }
    if (!bucket) first = time;
    bucket ??= emptyBucket();
    add(bucket, sample, time);
  }
  if (bucket) yield bucket;
}

function emptyBucket(): Bucket {
  return {
    ...{ time: 0, span: 0, error: 0 },
    ...{ amounts: new Map(), levels: new Map(), processes: new Map() },
  };
}

function add(bucket: Bucket, sample: RecordedSample, time: number): void {
  const { span = 0 } = sample;
  bucket.time = time;
  bucket.span += span;
  bucket.error = Math.max(bucket.error, sample.error);
  for (const [key] of RATES) {
    const value = sample[key];
    if (typeof value !== "number" || span === 0) continue;
    // What is used of processors is a rate already.
    const amount = key === "cpu" ? value * span / 1000 : value;
    bucket.amounts.set(key, (bucket.amounts.get(key) ?? 0) + amount);
  }
  for (const [key] of LEVELS) {
    const value = sample[key];
    if (typeof value !== "number") continue;
    bucket.levels.set(key, Math.max(value, bucket.levels.get(key) ?? 0));
  }
  for (const { number, cpu, memory } of sample.processes) {
    const before = bucket.processes.get(number);
    bucket.processes.set(number, {
      cpu: cpu + (before?.cpu ?? 0),
      memory: Math.max(memory, before?.memory ?? 0),
    });
  }
}

function rateOf({ amounts, span }: Bucket, key: string): number | undefined {
  const amount = amounts.get(key);
  return amount === undefined || span === 0 ? undefined : amount / (span / 1000);
}
