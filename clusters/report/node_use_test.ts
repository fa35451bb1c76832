import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { nodeUses } from "./node_use.ts";
import type { ReportSeries } from "./report_data.ts";

function series(
  lane: number,
  name: string,
  values: (number | null)[],
  label?: string,
): ReportSeries {
  const times = values.map((_, i) => i * 1000);
  return { lane, name, unit: "", times, values, ...label !== undefined && { label } };
}

Deno.test("nodeUses() tells what a node used when it was last measured, and the most until then", () => {
  const all = [
    ...[series(1, "CPU", [null, 0.5, 0.9]), series(1, "memory", [7, 5, 100])],
    ...[series(1, "memory", [10, 10, 10], "limit"), series(2, "CPU", [1, 1])],
  ];
  const nodes = new Map([["node1", 1], ["node2", 2], ["node3", 3]]);
  const { used, usedMore } = nodeUses(all, { nodes, at: 1999 });
  strictEqual(usedMore, 0);
  deepStrictEqual(used, [
    {
      ...{ node: "node1", time: 1000, cpu: 0.5, memory: 5 },
      ...{ memoryPeak: 7, memoryPeakTime: 1000, memoryLimit: 10, files: undefined },
    },
  ]);
});

Deno.test("nodeUses() tells by how much the time of a sample may be wrong", () => {
  const memory = { ...series(1, "memory", [7]), error: 12 };
  strictEqual(nodeUses([memory], { nodes: new Map([["node1", 1]]), at: 0 }).used[0]!.error, 12);
});

Deno.test("nodeUses() tells the most memory that the next sample knows of, if that comes soon, and when that was", () => {
  const memory = series(1, "memory", [7, 5, 3]);
  const peak = series(1, "memory", [8, 10, 100], "peak, with caches");
  const nodes = new Map([["node1", 1]]);
  const peakAt = (at: number) => {
    const { memoryPeak, memoryPeakTime } = nodeUses([memory, peak], { nodes, at }).used[0]!;
    return [memoryPeak, memoryPeakTime];
  };
  deepStrictEqual([peakAt(0), peakAt(1500), peakAt(9_000)], [[10, 1000], [100, 2000], [100, 2000]]);
});

Deno.test("nodeUses() tells of many nodes those that were nearest to their limits", () => {
  const lanes = Array.from({ length: 1000 }, (_, i) => i);
  const nodes = new Map(lanes.map((lane) => [`node${lane}`, lane]));
  const all = lanes.flatMap((lane) => [
    series(lane, "memory", [lane === 500 ? 99 : 1000 - lane]),
    series(lane, "memory", [lane === 500 ? 100 : 10_000], "limit"),
  ]);
  const { used, usedMore } = nodeUses(all, { nodes, at: 0 });
  deepStrictEqual([used[0]!.node, used.length, usedMore], ["node500", 20, 980]);
});
