import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { parseCommandLine } from "./command_line.ts";
import type { Row } from "./row.ts";

const rows = ["command", "command-docker", "commands-1000"].map((id): Row => ({
  id,
  title: id,
  unit: "ms",
  rounds: 1,
  contenders: () => Promise.resolve([]),
}));

function chosen(...args: string[]): string[] {
  return parseCommandLine(args, rows).rows.map(({ id }) => id);
}

Deno.test("parseCommandLine() takes everything when nothing is named", () => {
  const options = parseCommandLine([], rows);
  strictEqual(options.rows.length, 3);
  deepStrictEqual([options.growth, options.ec2, options.pods], [true, true, true]);
  strictEqual(options.chart, "tasks/bench/chart.svg");
  strictEqual(options.page, "tasks/bench/results.md");
});

Deno.test("parseCommandLine() takes rows by name or by its beginning", () => {
  deepStrictEqual(chosen("--only", "command"), ["command", "command-docker"]);
  deepStrictEqual(chosen("--only", "commands"), ["commands-1000"]);
  deepStrictEqual(chosen("--only", "growth"), []);
  const { growth, ec2, pods } = parseCommandLine(["--only", "ec2"], rows);
  deepStrictEqual([growth, ec2, pods], [false, true, false]);
});

Deno.test("parseCommandLine() keeps the chart of everything when only a part is measured", () => {
  strictEqual(parseCommandLine(["--only", "command"], rows).chart, undefined);
});

Deno.test("parseCommandLine() lists the rows when one is unknown", () => {
  throws(() => chosen("--only", "nope"), /Unknown row "nope": the rows are command, .*growth/);
});
