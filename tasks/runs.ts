/**
 * `deno task runs`: lists the runs that were recorded, and shows what failed in one. Without a
 * checkout it is `deno run --allow-all jsr:@clustertest/clustertest/runs`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { plainText } from "../clusters/events/mod.ts";
import { findRun, listRuns, runDetails, runSummary, testList } from "../clusters/runs/mod.ts";
import { printLine, runLookingTask, UsageError } from "./looking_task.ts";

const HELP = `Lists the runs that were recorded in a folder, or shows what failed in one of them.

Usage: deno task runs [options]           lists them, the newest first
       deno task runs last [options]      shows the newest
       deno task runs RUN [options]       shows the one with this name, or a part of it
       deno run --allow-all jsr:@clustertest/clustertest/runs ...

  --dir FOLDER  Where the tests were run: .clustertest/runs is in there (default: here)
  --help        Show this

A run has failed when a test made by clusterTest did, when it was interrupted, or when something could
not be given back. Of one that has no such test, and has ended, the record does not know more than
that. What processes wrote is shown by "deno task logs". Times are in UTC.

Exit codes: 0 it was shown, 1 there is no such run or it cannot be read, 2 wrong usage.`;

/** Runs the task; resolves to its exit code. */
// deno-lint-ignore require-await -- what fails is to reject
export async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: { dir: { type: "string" }, help: { type: "boolean" } },
    allowPositionals: true,
  });
  const { dir = ".", help = false } = values;
  if (positionals.length > 1) throw new UsageError("Cannot show more than one run at a time");
  const [which] = positionals;
  if (help) printLine(HELP);
  else if (which === undefined) showAll(dir);
  else for (const line of runDetails(findRun(dir, which))) printLine(line);
  return 0;
}

function showAll(dir: string): void {
  const runs = listRuns(dir);
  // It says where it has looked.
  if (runs.length === 0) findRun(dir);
  for (const run of runs) {
    printLine(runSummary(run));
    if ("index" in run) { for (const line of testList(run.index)) printLine(plainText(line)); }
  }
}

if (import.meta.main) await runLookingTask(main);
