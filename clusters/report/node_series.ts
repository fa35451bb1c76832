import type { RecordedSample } from "../runs/mod.ts";
import type { ReportSeries } from "./report_data.ts";

/** Processes of a node that have series of their own: those with the largest peaks. */
const MAX_PROCESSES = 5;

/** How series are made of samples. */
export interface NodeSeriesOptions {
  readonly lane: number;
  /** The time of a report for a time since the epoch. */
  readonly since: (time: number) => number;
  /** Milliseconds that one value stands for at least. */
  readonly resolution: number;
  /** Whether processes have series, too. */
  readonly withProcesses: boolean;
}

/** What was used in a time of the resolution. */
interface Bucket {
  time: number;
  span: number;
  /** What was used in `span`, by the name of the amount. */
  readonly amounts: Map<string, number>;
  /** The highest value of what is a state. */
  readonly levels: Map<string, number>;
  /** Memory of processes. */
  readonly processes: Map<number, number>;
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
    ["memoryLimit", "memory", "bytes", "limit"],
    ["files", "open files", ""],
    ["load", "load of the machine", ""],
  ];

/** What a node used, as series over time; none of what is not known of it. */
export function nodeSeries(
  samples: Iterable<RecordedSample>,
  { lane, since, resolution, withProcesses }: NodeSeriesOptions,
): ReportSeries[] {
  const buckets = [...bucketsOf(samples, { since, resolution })];
  const times = buckets.map(({ time }) => Math.round(time));
  const series = (
    [name, unit, label]: readonly [string, string, string?],
    valueOf: (bucket: Bucket) => number | undefined,
  ): ReportSeries[] => {
    const values = buckets.map((bucket) => rounded(valueOf(bucket)));
    if (values.every((value) => value === null)) return [];
    return [{ lane, name, unit, ...label !== undefined && { label }, times, values }];
  };
  return [
    ...RATES.flatMap(([key, ...names]) => series(names, (bucket) => rateOf(bucket, key))),
    ...LEVELS.flatMap(([key, ...names]) => series(names, ({ levels }) => levels.get(key))),
    ...withProcesses
      ? largest(buckets).flatMap((number) =>
        series(["memory of processes", "bytes", `process ${number}`], memoryOf(number))
      )
      : [],
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
    ...{ time: 0, span: 0 },
    ...{ amounts: new Map(), levels: new Map(), processes: new Map() },
  };
}

function add(bucket: Bucket, sample: RecordedSample, time: number): void {
  const { span = 0 } = sample;
  bucket.time = time;
  bucket.span += span;
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
  for (const { number, memory } of sample.processes) {
    bucket.processes.set(number, Math.max(memory, bucket.processes.get(number) ?? 0));
  }
}

function rateOf({ amounts, span }: Bucket, key: string): number | undefined {
  const amount = amounts.get(key);
  return amount === undefined || span === 0 ? undefined : amount / (span / 1000);
}

/** The numbers of the processes with the largest peaks of memory. */
function largest(buckets: readonly Bucket[]): number[] {
  const peaks = new Map<number, number>();
  for (const { processes } of buckets) {
    for (const [number, memory] of processes) {
      peaks.set(number, Math.max(memory, peaks.get(number) ?? 0));
    }
  }
  return [...peaks].sort(([, a], [, b]) => b - a).slice(0, MAX_PROCESSES).map(([number]) => number);
}

/** Processes are told of when they have changed only: the lines between are drawn by the chart. */
function memoryOf(number: number): (bucket: Bucket) => number | undefined {
  return ({ processes }) => processes.get(number);
}

/** With as many digits as a chart can show. */
function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Number(value.toPrecision(4));
}
