import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { HostSample } from "../../agent/host/host.ts";
import { MetricsFile } from "./metrics_file.ts";

/** A file of metrics of a node whose processes have the numbers of their numbers there, plus 100. */
function metricsFile() {
  let text = "";
  const append = (more: string) => void (text += more);
  const file = new MetricsFile({
    append,
    numberOf: (pid) => pid < 1_000 ? pid + 100 : undefined,
  });
  const lines = () => text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
  return { file, lines, size: () => text.length };
}

function sampleAt(time: number, more: Partial<HostSample> = {}): HostSample {
  return { time, scope: "container", cores: 2, processes: [], ...more };
}

Deno.test("MetricsFile writes what has changed, and that it does not know what has begun anew", () => {
  const { file, lines } = metricsFile();
  file.setClock({ offset: 1.234, error: 0.567 });
  const counters = { received: 10, sent: 20, packetsIn: 1, packetsOut: 2, read: 5, written: 6 };
  file.take(sampleAt(1_000, { cpu: 50.4, memory: 7, files: 3, load: 1.239, ...counters }));
  file.take(sampleAt(2_000, { cpu: 80.6, memory: 9, files: 4, load: 0, ...counters, sent: 25 }));
  file.setClock({ offset: 2 });
  file.take(sampleAt(3_000, { cpu: 3, memoryLimit: 99 }));
  deepStrictEqual(lines(), [
    { metrics: 1, scope: "container", cores: 2 },
    { offset: 1.23, error: 0.57 },
    [1000, null, 7, null, null, null, null, null, null, 3, 1.24, []],
    [2000, 30, 9, 0, 5, 0, 0, 0, 0, 4, 0, []],
    { offset: 2 },
    { metrics: 1, scope: "container", cores: 2, memoryLimit: 99 },
    [3000, null, null, null, null, null, null, null, null, null, null, []],
  ]);
});

Deno.test("MetricsFile writes the processes of the test that have changed the most, and all of it in the end", () => {
  const { file, lines } = metricsFile();
  const processes = (cpu: number) =>
    Array.from({ length: 8 }, (_, i) => ({ pid: i + 1, cpu: cpu * (i + 1), memory: 1_000_000 }));
  file.take(sampleAt(1, { processes: [...processes(10), { pid: 5_000, cpu: 1e6, memory: 1e9 }] }));
  for (let time = 2; time < 6; time++) file.take(sampleAt(time, { processes: processes(10) }));
  const written = lines().slice(1).map((line) => line[11]);
  deepStrictEqual(written[0].map(([number]: number[]) => number), [108, 107, 106, 105, 104]);
  deepStrictEqual(written[1], [[103, 30, 1_000_000], [102, 20, 1_000_000], [101, 10, 1_000_000]]);
  // Nothing has changed any more.
  deepStrictEqual(written.slice(2), [[], [], []]);
});

Deno.test("MetricsFile takes at most 10 KB for a minute of a busy node, and is bounded", () => {
  const { file, lines, size } = metricsFile();
  const busy = (second: number) =>
    sampleAt(1_764_398_836_000 + 1_000 * second, {
      ...{
        cpu: 2_000 * second,
        memory: 8e9 + second,
        memoryPeak: 8e9 + second,
        received: 1e9 * second,
        sent: 1e9 * second,
      },
      ...{
        packetsIn: 1e5 * second,
        packetsOut: 1e5 * second,
        read: 1e8 * second,
        written: 1e8 * second,
      },
      ...{ files: 12_345, load: 12.34 },
      processes: [1, 2, 3].map((pid) => ({ pid, cpu: 600 * second, memory: 2e9 + second })),
    });
  for (let second = 0; second < 60; second++) file.take(busy(second));
  ok(size() < 10_240, `${size()} bytes`);
  strictEqual(lines().length, 61);
  for (let second = 60; second < 100_000; second++) file.take(busy(second));
  ok(size() < 4 * 1024 * 1024, `${size()} bytes`);
  const last = lines().at(-1);
  ok(last[0] > 1_764_398_836_000 + 90_000_000, "It goes on, less often");
  ok(last[1] > 2_000, "What was left out is in what comes later");
});

Deno.test("MetricsFile writes the most memory until then when there is more, also of a node that is new", () => {
  const { file, lines } = metricsFile();
  for (const memoryPeak of [100, 101, 300, 200, undefined]) file.take(sampleAt(1, { memoryPeak }));
  file.beginAnew();
  file.take(sampleAt(2, { memoryPeak: 5 }));
  deepStrictEqual(lines().slice(1).map((line) => line[12]), [
    ...[100, undefined, 300, undefined, undefined],
    5,
  ]);
});

Deno.test("MetricsFile compares nothing with a node that had the same name before", () => {
  const { file, lines } = metricsFile();
  const processes = [{ pid: 1, cpu: 10, memory: 1_000 }];
  file.take(sampleAt(1_000, { cpu: 50, processes }));
  file.beginAnew();
  file.take(sampleAt(2_000, { cpu: 60, processes }));
  const [, , second] = lines();
  deepStrictEqual([second[1], second[11]], [null, [[101, 10, 1_000]]]);
});
