import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { RecordedSample } from "../runs/mod.ts";
import { nodeSeries } from "./node_series.ts";

const BASE = { error: 0, scope: "container", cores: 2, memoryLimit: 99, processes: [] } as const;

const samples: RecordedSample[] = [
  { ...BASE, time: 1000, span: undefined, memory: 10 },
  { ...BASE, time: 2000, span: 1000, cpu: 0.5, memory: 30, received: 100 },
  {
    ...{ ...BASE, time: 3000, span: 1000, cpu: 1.5, memory: 20, received: 300 },
    processes: [{ number: 7, cpu: 3, memory: 4096 }],
  },
];

const options = { lane: 4, since: (time: number) => time - 1000, withProcesses: true };

Deno.test("nodeSeries() has a value for each sample, and none of what is not known", () => {
  const series = nodeSeries(samples, { ...options, resolution: 0 });
  deepStrictEqual(series.map(({ name, label, values }) => [name, label, values]), [
    ["CPU", undefined, [null, 0.5, 1.5]],
    ["network", "in", [null, 100, 300]],
    ["memory", undefined, [10, 30, 20]],
    ["memory", "limit", [99, 99, 99]],
    ["memory of processes", "process 7", [null, null, 4096]],
  ]);
  deepStrictEqual(series[0]!.times, [0, 1000, 2000]);
});

Deno.test("nodeSeries() has averages of rates, and peaks of states, where there are many", () => {
  const series = nodeSeries(samples, { ...options, resolution: 5_000, withProcesses: false });
  deepStrictEqual(series.map(({ name, values }) => [name, values]), [
    ["CPU", [1]],
    ["network", [200]],
    ["memory", [30]],
    ["memory", [99]],
  ]);
  strictEqual(nodeSeries([], { ...options, resolution: 0 }).length, 0);
});
