import type { HostSample } from "../../agent/host/host.ts";

/** What grows from one sample to the next, in the order of the columns. */
const COUNTERS = [
  ...["received", "sent", "packetsIn", "packetsOut", "read", "written"] as const,
];

/** A number of a sample, or that it is not known. */
type Cell = number | null;

/** A line of numbers, without the processes. */
export type MetricsColumns = readonly [
  time: number,
  cpu: Cell,
  memory: Cell,
  received: Cell,
  sent: Cell,
  packetsIn: Cell,
  packetsOut: Cell,
  read: Cell,
  written: Cell,
  files: Cell,
  load: Cell,
];

/** A sample whose counters say how much they have grown since another one. */
export type SampleChanges = Omit<
  HostSample,
  "scope" | "cores" | "memoryLimit" | "memoryPeak" | "processes"
>;

/** How a sample differs from the one before; a counter that has begun anew is not known. */
export function changesOf(sample: HostSample, before: HostSample | undefined): SampleChanges {
  const growth = (name: keyof HostSample & ("cpu" | typeof COUNTERS[number])) => {
    const [now, then] = [sample[name], before?.[name]];
    return now === undefined || then === undefined || now < then ? undefined : now - then;
  };
  const counters = Object.fromEntries(COUNTERS.map((name) => [name, growth(name)]));
  const { time, memory, files, load } = sample;
  return { time, memory, files, load, cpu: growth("cpu"), ...counters };
}

/** As a line of the record has them. */
export function metricsColumns(changes: SampleChanges): MetricsColumns {
  const cell = (value: number | undefined): Cell => value === undefined ? null : Math.round(value);
  const { time, cpu, memory, received, sent, packetsIn, packetsOut, read, written } = changes;
  const { files, load } = changes;
  return [
    ...[Math.round(time), cell(cpu), cell(memory), cell(received), cell(sent)] as const,
    ...[cell(packetsIn), cell(packetsOut), cell(read), cell(written), cell(files)] as const,
    load === undefined ? null : Math.round(load * 100) / 100,
  ];
}
