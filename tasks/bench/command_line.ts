import { parseArgs } from "node:util";
import type { Row } from "./row.ts";

/** What is no row, and yet can be picked by `--only`. */
const TABLES = {
  growth: "how cost grows with 1 to 1,000 nodes, simulated by agents in one process",
  ec2: "what 10 to 1,000 instances of a local AWS take, simulated likewise",
  pods: "what 10 to 1,000 pods take of a real Kubernetes API server, simulated likewise",
};

type Table = keyof typeof TABLES;

/** What the benchmark is asked to do. */
export interface BenchOptions {
  readonly rows: readonly Row[];
  /** Whether to see how cost grows with the nodes. */
  readonly growth: boolean;
  /** Whether to see what instances take. */
  readonly ec2: boolean;
  /** Whether to see what pods take. */
  readonly pods: boolean;
  readonly json: boolean;
  /** Where the chart goes. */
  readonly chart: string | undefined;
  /** Where the page with all results goes. */
  readonly page: string | undefined;
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
      page: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { only = [], json, help } = values;
  const chosen = chooseRows(only, rows);
  const [growth, ec2, pods] = (["growth", "ec2", "pods"] satisfies Table[]).map((table) =>
    only.length === 0 || only.includes(table)
  );
  const [chart, page] = ([["chart", "chart.svg"], ["page", "results.md"]] as const).map(
    ([option, file]) => values[option] ?? (only.length === 0 ? `tasks/bench/${file}` : undefined),
  );
  return { rows: chosen, growth: growth!, ec2: ec2!, pods: pods!, json, chart, page, help };
}

/** The rows with these ids, and those whose ids begin with one of them. */
function chooseRows(only: readonly string[], rows: readonly Row[]): readonly Row[] {
  if (only.length === 0) return rows;
  const picks = (wanted: string) => ({ id }: Row) => id === wanted || id.startsWith(`${wanted}-`);
  for (const wanted of only) {
    if (wanted in TABLES || rows.some(picks(wanted))) continue;
    const known = [...rows.map(({ id }) => id), ...Object.keys(TABLES)];
    throw new RangeError(`Unknown row "${wanted}": the rows are ${known.join(", ")}`);
  }
  return rows.filter((row) => only.some((wanted) => picks(wanted)(row)));
}

/** What `--help` shows. */
export function helpText(rows: readonly Row[]): string {
  return `Measures clustertest against what people use today, on this machine and in this run.

Usage: deno task bench [--only ROW]... [--json] [--chart FILE] [--page FILE]

  --only ROW    Only this row, and those whose names begin with it; may be repeated
  --json        Print the report as JSON; what happens goes to standard error
  --chart FILE  Where the chart goes (default: tasks/bench/chart.svg, if all is measured)
  --page FILE   Where the table goes, in Markdown (default: tasks/bench/results.md, likewise)
  --help        Show this

Everyone in a row is measured in turns. Numbers are medians; ratios say how many times better
clustertest is. Peers are OpenSSH, the Docker command line and testcontainers, as far as they are
there. ssh and scp use one shared connection, to a server on loopback that the benchmark starts, for
which it has to be root.

Rows:
${listed(rows.map(({ id, title }) => [id, title]))}
${listed(Object.entries(TABLES))}
`;
}

function listed(entries: readonly (readonly [string, string])[]): string {
  return entries.map(([id, title]) => `  ${id.padEnd(26)}${title}`).join("\n");
}
