import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { RecordedSample } from "../runs/mod.ts";
import { nodeSeries } from "./node_series.ts";

const BASE = { error: 0, scope: "container", cores: 2, memoryLimit: 99, processes: [] } as const;

const samples: RecordedSample[] = [
  { ...BASE, time: 1000, span: undefined, memory: 10 },
  { ...BASE, time: 2000, span: 1000, cpu: 0.5, memory: 30, received: 100 },
  {
    ...{ ...BASE, time: 3000, span: 1000, cpu: 1.5, memory: 20, received: 300 },
    processes: [{ number: 7, cpu: 300, memory: 4096 }],
  },
];

const options = { lane: 4, since: (time: number) => time - 1000, processNames: new Map() };

Deno.test("nodeSeries() has a value for each sample, and none of what is not known", () => {
  const series = nodeSeries(samples, { ...options, resolution: 0 });
  deepStrictEqual(series.map(({ name, label, values }) => [name, label, values]), [
    ["CPU", undefined, [null, 0.5, 1.5]],
    ["network", "in", [null, 100, 300]],
    ["memory", undefined, [10, 30, 20]],
    ["memory", "limit", [99, 99, 99]],
    ["CPU of processes", "process 7", [null, null, 0.3]],
    ["memory of processes", "process 7", [null, null, 4096]],
  ]);
  deepStrictEqual(series[0]!.times, [0, 1000, 2000]);
});

Deno.test("nodeSeries() has averages of rates, and peaks of states, where there are many", () => {
  const series = nodeSeries(samples, { ...options, resolution: 5_000, processNames: undefined });
  deepStrictEqual(series.map(({ name, values }) => [name, values]), [
    ["CPU", [1]],
    ["network", [200]],
    ["memory", [30]],
    ["memory", [99]],
  ]);
  strictEqual(nodeSeries([], { ...options, resolution: 0 }).length, 0);
});

Deno.test("nodeSeries() tells by how much times may be wrong at most", () => {
  const all = samples.map((sample, i) => ({ ...sample, error: i * 1.2 }));
  const series = nodeSeries(all, { ...options, resolution: 0 });
  deepStrictEqual(
    [series[0]!.error, nodeSeries(samples, { ...options, resolution: 0 })[0]!.error],
    [
      3,
      undefined,
    ],
  );
});

Deno.test("nodeSeries() has what processes used by their names, and nothing where none is told of", () => {
  const told = (time: number, ...cpu: number[]): RecordedSample => ({
    ...{ ...BASE, time, span: 1000 },
    processes: cpu.map((cpu, i) => ({ number: i + 1, cpu, memory: 100 * (i + 1) })),
  });
  const all = [told(1000, 500, 100), told(2000), told(3000, 250), told(4000)];
  const processNames = new Map([[1, "etcd"]]);
  const series = nodeSeries(all, { ...options, resolution: 0, processNames })
    .filter(({ name }) => /processes/.test(name));
  deepStrictEqual(series.map(({ name, label, values }) => [name, label, values]), [
    ["CPU of processes", "1-etcd", [0.5, 0, 0.25, null]],
    ["CPU of processes", "process 2", [0.1, null, null, null]],
    ["memory of processes", "process 2", [200, null, null, null]],
    ["memory of processes", "1-etcd", [100, null, 100, null]],
  ]);
});
