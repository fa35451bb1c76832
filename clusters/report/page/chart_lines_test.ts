import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { ReportSeries } from "../report_data.ts";
import { chartData, linesToShow } from "./chart_lines.ts";

const nameOf = (lane: number) => `node${lane}`;

function series(count: number, label?: (i: number) => string): ReportSeries[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ lane: i, name: "CPU", unit: "cores", times: [0, 1000], values: [i, null] },
    ...label && { label: label(i) },
  }));
}

Deno.test("linesToShow() shows all of a few nodes, and what many have in common", () => {
  const labels = (count: number, lane?: number) =>
    linesToShow(series(count), { lane, nameOf }).map(({ label }) => label);
  deepStrictEqual(labels(2), ["node0", "node1"]);
  deepStrictEqual(labels(9), ["middle of all", "highest of all"]);
  deepStrictEqual(labels(9, 3), ["node3", "middle of all", "highest of all"]);
  const [middle, highest] = linesToShow(series(9), { lane: undefined, nameOf });
  deepStrictEqual([middle!.values, highest!.values], [[4], [8]]);
});

Deno.test("linesToShow() shows the memory of a few nodes, and of their limits and peaks the highest", () => {
  const memory = [...series(4), ...series(4, () => "limit"), ...series(4, () => "peak")];
  const shown = linesToShow(memory, { lane: undefined, nameOf });
  deepStrictEqual(shown.map(({ label, values }) => [label, values[0]]), [
    ...[0, 1, 2, 3].map((i) => [`node${i}`, i]),
    ["highest of all: limit", 3],
    ["highest of all: peak", 3],
  ]);
  deepStrictEqual(shown.map(({ dash }) => dash), [...Array(4).fill(undefined), [2, 4], [4, 4]]);
  const few = linesToShow(memory.slice(4, 6), { lane: undefined, nameOf });
  deepStrictEqual(few.map(({ dash }) => dash), [[2, 4], [2, 4]]);
});

Deno.test("linesToShow() shows the largest of what has nothing in common", () => {
  const lines = linesToShow(series(20, (i) => `process ${i}`), { lane: undefined, nameOf });
  strictEqual(lines.length, 8);
  strictEqual(lines[0]!.label, "node19 process 19");
});

Deno.test("chartData() has the values of all lines at the times of all", () => {
  const lines = [
    { label: "a", times: [1, 3], values: [10, null] },
    { label: "b", times: [2], values: [5] },
  ];
  const none = undefined;
  deepStrictEqual(chartData(lines), [[1, 2, 3], [10, none, null], [none, 5, none]]);
});
