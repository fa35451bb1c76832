import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { formatEc2, formatGrowth, formatRatio, formatRow, formatValue } from "./table.ts";

Deno.test("formatRow() shows who is ahead, who is absent, and which goals are met", () => {
  const text = formatRow({
    id: "command",
    title: "a command",
    unit: "ms",
    contenders: [
      { name: "clustertest", median: 1.5, p99: 12.34, samples: 9, ratio: null },
      { name: "ssh", median: 6, p99: 150, samples: 9, ratio: 4 },
    ],
    absent: [{ name: "docker exec", reason: "no engine" }],
    goals: [{ text: "ahead of ssh", met: true }, { text: "ahead of docker exec", met: null }],
    charted: ["ssh"],
  });
  strictEqual(
    text,
    [
      "a command",
      "  clustertest                1.50 ms   p99    12.3 ms",
      "  ssh                        6.00 ms   p99     150 ms   4.00× ahead",
      "  docker exec           not measured: no engine",
      "  [x] ahead of ssh   [?] ahead of docker exec",
    ].join("\n"),
  );
});

Deno.test("formatValue() keeps three digits", () => {
  strictEqual(formatValue(1.234, "ms"), "1.23 ms");
  strictEqual(formatValue(12.34, "MB"), "12.3 MB");
  strictEqual(formatValue(1234.5, "MB/s"), "1235 MB/s");
});

Deno.test("formatRatio() says which side is ahead", () => {
  strictEqual(formatRatio(2), "2.00× ahead");
  strictEqual(formatRatio(0.5), "2.00× behind");
  strictEqual(formatRatio(1), "1.00× ahead");
});

Deno.test("formatGrowth() leaves the first point's cost per node open", () => {
  const point = { nodes: 1, connect: 20, fanOut: 3, heartbeatCpu: 0.1, memory: 90 };
  const lines = formatGrowth([
    { ...point, memoryPerNode: null },
    { ...point, nodes: 1000, memory: 390, memoryPerNode: 0.3 },
  ]).split("\n");
  strictEqual(lines[1]?.trim(), "1     20.0 ms     3.00 ms   0.1 % CPU     90.0 MB");
  strictEqual(
    lines[2]?.trim(),
    "1,000     20.0 ms     3.00 ms   0.1 % CPU      390 MB     0.30 MB",
  );
  strictEqual(
    lines[3],
    "  [x] fan-out < 2 s   [x] heartbeats < 5 % of a core   [x] < 1 MB per node",
  );
});

Deno.test("formatEc2() shows what each size takes, and what every launch has", () => {
  const point = { nodes: 1000, calls: 24, looks: 9, launch: 4000, cpuPerNode: 5, memory: 200 };
  const agents = [{ target: "x86_64", bytes: 34_500_000 }];
  const together = { nodes: 10, boot: 5000, one: 6000, all: 6600 };
  const idle = { hourly: 0, resources: 27 };
  const lines = formatEc2({ points: [point], userData: 3210, agents, together, idle }).split("\n");
  strictEqual(
    lines[1]?.trim().replaceAll(/ {2,}/g, "  "),
    "1,000  24  9  4000 ms  5.00 ms  200 MB",
  );
  deepStrictEqual(lines.slice(2), [
    "  10 that boot for 5 s each: 1.10× as long as one   [x] < 1.5×",
    "  user data: 3,210 bytes of 16,384",
    "  agent for x86_64: 34.5 MB, sent once",
    "  the stack at rest, 27 resources: $0 per hour",
  ]);
});
