import { parseArgs } from "node:util";
import type { Row } from "./row.ts";

/** What `--only` picks the growth by. */
export const GROWTH = "growth";

/** What the benchmark is asked to do. */
export interface BenchOptions {
  readonly rows: readonly Row[];
  /** Whether to see how cost grows with the nodes. */
  readonly growth: boolean;
  readonly json: boolean;
  /** Where the chart goes. */
  readonly chart: string | undefined;
  readonly help: boolean;
}

/** Understands the command line, of which `rows` are what there is to choose from. */
export function parseCommandLine(args: string[], rows: readonly Row[]): BenchOptions {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true },
      json: { type: "boolean", default: false },
      chart: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { only = [], json, help } = values;
  const chosen = chooseRows(only, rows);
  const growth = only.length === 0 || only.includes(GROWTH);
  const chart = values.chart ?? (only.length === 0 ? "tasks/bench/chart.svg" : undefined);
  return { rows: chosen, growth, json, chart, help };
}

/** The rows with these ids, and those whose ids begin with one of them. */
function chooseRows(only: readonly string[], rows: readonly Row[]): readonly Row[] {
  if (only.length === 0) return rows;
  const picks = (wanted: string) => ({ id }: Row) => id === wanted || id.startsWith(`${wanted}-`);
  for (const wanted of only) {
    if (wanted !== GROWTH && !rows.some(picks(wanted))) {
      throw new RangeError(
        `Unknown row "${wanted}": the rows are ${[...rows.map(({ id }) => id), GROWTH].join(", ")}`,
      );
    }
  }
  return rows.filter((row) => only.some((wanted) => picks(wanted)(row)));
}

/** What `--help` shows. */
export function helpText(rows: readonly Row[]): string {
  return `Measures clustertest against what people use today, on this machine and in this run.

Usage: deno task bench [--only ROW]... [--json] [--chart FILE]

  --only ROW    Only this row, and those whose names begin with it; may be repeated
  --json        Print the report as JSON; what happens goes to standard error
  --chart FILE  Where the chart goes (default: tasks/bench/chart.svg, if all is measured)
  --help        Show this

Everyone in a row is measured in turns. Numbers are medians; ratios say how many times better
clustertest is. Peers are OpenSSH, the Docker command line and testcontainers, as far as they are
there. ssh and scp use one shared connection, to a server on loopback that the benchmark starts, for
which it has to be root.

Rows:
${rows.map(({ id, title }) => `  ${id.padEnd(26)}${title}`).join("\n")}
  ${GROWTH.padEnd(26)}how cost grows with 1 to 1,000 nodes, simulated by agents in one process
`;
}
