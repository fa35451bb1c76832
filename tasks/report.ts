/**
 * `deno task report`: writes the report of a run, one HTML file. Without a checkout it is
 * `deno run --allow-all jsr:@clustertest/clustertest/report`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import {
  collectReport,
  junitReport,
  perfettoTrace,
  type RunReport,
  writeReport,
} from "../clusters/report/mod.ts";
import { findRun, RecordError } from "../clusters/runs/mod.ts";
import { printLine, runLookingTask, UsageError } from "./looking_task.ts";

const HELP = `Writes the report of a run: one HTML file that opens without a network.

Usage: deno task report [RUN] [options]
       deno run --allow-all jsr:@clustertest/clustertest/report ...

  RUN              The name of a run, or a part of it (default: last, the newest)
  --dir FOLDER     Where the tests were run: .clustertest/runs is in there (default: here)
  --perfetto FILE  Write the time line as a trace that https://ui.perfetto.dev opens, too
  --junit FILE     Write the verdicts as JUnit's XML, too
  --json           Print what the report has as JSON, in place of its path
  --help           Show this

The report is report.html in the run's folder, whose path is printed. One that is there is replaced. Of
a run that goes on it tells what has happened by now.

Exit codes: 0 it was written, 1 there is no such run or it cannot be read, 2 wrong usage.`;

/** Runs the task; resolves to its exit code. */
export async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: {
      dir: { type: "string" },
      perfetto: { type: "string" },
      junit: { type: "string" },
      json: { type: "boolean" },
      help: { type: "boolean" },
    },
    allowPositionals: true,
  });
  const { dir = ".", perfetto, junit, json = false, help = false } = values;
  if (positionals.length > 1) throw new UsageError("Cannot report on more than one run at a time");
  if (perfetto === "" || junit === "") {
    throw new UsageError("Cannot write to a file without a name");
  }
  if (help) printLine(HELP);
  if (help) return 0;
  const run = findRun(dir, positionals[0]);
  const path = await writeReport(run.folder);
  const report = perfetto || junit || json ? collectReport(run) : undefined;
  if (report) writeOthers(report, { perfetto, junit });
  printLine(json && report ? jsonText(report) : path);
  return 0;
}

function writeOthers(
  report: RunReport,
  { perfetto, junit }: Readonly<Record<"junit" | "perfetto", string | undefined>>,
): void {
  if (perfetto !== undefined) writeFile(perfetto, perfettoTrace(report.data));
  if (junit !== undefined) writeFile(junit, [junitReport(report)]);
}

function jsonText({ run, tests, data }: RunReport): string {
  return JSON.stringify({ folder: run.folder, tests, ...data });
}

function writeFile(path: string, parts: Iterable<string>): void {
  try {
    using file = Deno.createSync(path);
    for (const part of parts) {
      let rest = new TextEncoder().encode(part);
      while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
    }
  } catch (error) {
    throw new RecordError(`Cannot write ${path}: ${(error as Error).message}`, { cause: error });
  }
}

if (import.meta.main) await runLookingTask(main);
