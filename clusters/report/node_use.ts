import type { ReportSeries } from "./report_data.ts";

/** Nodes of which a report tells. */
const MAX_NODES = 20;

/** Milliseconds within which there is another sample of a node that is watched. */
const SOON = 2_000;

/** What a node used, as its latest sample before a moment says; what is not known of it is absent. */
export interface NodeUse {
  readonly node: string;
  /** When that sample was taken, on the report's clock. */
  readonly time: number;
  /** Milliseconds by which that may be wrong, for it is the time of the node's clock. */
  readonly error?: number | undefined;
  /** Processors. */
  readonly cpu?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  /**
   * The most bytes until the sample after that moment, with what the system kept of files, if its control
   * group tells; else the most of all samples before.
   */
  readonly memoryPeak?: number | undefined;
  /** When the sample was taken that tells of that peak: it may be a later one. */
  readonly memoryPeakTime?: number | undefined;
  /** Bytes that it may use. */
  readonly memoryLimit?: number | undefined;
  /** Files, connections and the like that were open. */
  readonly files?: number | undefined;
}

/** What nodes used at a moment: of many those with the largest part of their memory. */
export function nodeUses(
  series: readonly ReportSeries[],
  { nodes, at }: { readonly nodes: ReadonlyMap<string, number>; readonly at: number },
): { readonly used: readonly NodeUse[]; readonly usedMore: number } {
  const byLane = Map.groupBy(series, ({ lane }) => lane);
  const all = [...nodes].flatMap(([node, lane]) => useOf(node, byLane.get(lane) ?? [], at));
  if (all.length <= MAX_NODES) return { used: all, usedMore: 0 };
  const used = all.sort((a, b) => weightOf(b) - weightOf(a)).slice(0, MAX_NODES);
  return { used, usedMore: all.length - used.length };
}

function useOf(node: string, series: readonly ReportSeries[], at: number): NodeUse[] {
  const find = (name: string, label?: string) =>
    series.find((each) => each.name === name && each.label === label);
  const memory = find("memory");
  const last = memory && placeBefore(memory.times, at);
  if (!memory || last === undefined) return [];
  const valueOf = (found: ReportSeries | undefined) => {
    const place = found && placeBefore(found.times, at);
    return place === undefined ? undefined : found?.values[place] ?? undefined;
  };
  const peaks = memory.values.slice(0, last + 1).map((value) => value ?? 0);
  const seen = peaks.reduce((most, value) => Math.max(most, value), 0);
  return [{
    ...{ node, time: memory.times[last]!, ...memory.error && { error: memory.error } },
    ...{ cpu: valueOf(find("CPU")), memory: valueOf(memory) },
    ...peakAround(find("memory", "peak, with caches"), at) ??
      { memoryPeak: seen, memoryPeakTime: memory.times[last]! },
    memoryLimit: valueOf(find("memory", "limit")),
    files: valueOf(find("open files")),
  }];
}

/** What the next sample says: it tells of the time between, in which a process may have died of it. */
function peakAround(
  peak: ReportSeries | undefined,
  at: number,
): Pick<NodeUse, "memoryPeak" | "memoryPeakTime"> | undefined {
  const next = peak?.times.findIndex((time) => time > at && time <= at + SOON) ?? -1;
  const place = next >= 0 ? next : peak && placeBefore(peak.times, at);
  const value = place === undefined ? undefined : peak?.values[place];
  return typeof value === "number"
    ? { memoryPeak: value, memoryPeakTime: peak!.times[place!]! }
    : undefined;
}

/** The place of the latest time that is not after another. */
function placeBefore(times: readonly number[], at: number): number | undefined {
  const place = times.findLastIndex((time) => time <= at);
  return place < 0 ? undefined : place;
}

/** How near to its limit a node is, or else how large. */
function weightOf({ memory = 0, memoryLimit = 2 ** 50 }: NodeUse): number {
  return memory / memoryLimit;
}
