/**
 * `deno task logs`: shows what the processes of a run wrote. Without a checkout it is
 * `deno run --allow-all jsr:@clustertest/clustertest/logs`.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { plainLine } from "../clusters/events/mod.ts";
import {
  findRun,
  logLines,
  type LogOptions,
  type OutputLine,
  processName,
  timeOfDay,
} from "../clusters/runs/mod.ts";
import { complain, printLine, runLookingTask, UsageError } from "./looking_task.ts";

const HELP = `Shows what processes of a run wrote.

Usage: deno task logs [NODE] [PROCESS] [options]
       deno run --allow-all jsr:@clustertest/clustertest/logs ...

  NODE          The name of a node; or CLUSTER/NODE, where several clusters have one of that name;
                or "*", all of them
  PROCESS       The number of a process, its command, or both as in 7-etcd. A command that was run
                several times is shown each time
  --process P   The processes of that name on all nodes, or on NODE
  --run RUN     Another run than the newest: its name, or a part of that
  --follow, -f  Go on as long as the run does
  --dir FOLDER  Where the tests were run: .clustertest/runs is in there (default: here)
  --help        Show this

Each line begins with its time (UTC), node and process, and "!" stands for its standard error. What
would move a terminal's cursor, say, is shown as text; colours are kept on a terminal.

The time is that at which it came to this machine: lines of several processes are in that order, to
some 50 ms, which need not be the order in which they were written. Those of one output are as written.

Exit codes: 0 it was shown, 1 there is no such thing or it cannot be read, 2 wrong usage.`;

/** Runs the task; resolves to its exit code. */
export async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    options: {
      process: { type: "string" },
      run: { type: "string" },
      follow: { type: "boolean", short: "f" },
      dir: { type: "string" },
      help: { type: "boolean" },
    },
    allowPositionals: true,
  });
  const { run: which, follow = false, dir = ".", help = false } = values;
  const selection = selectionOf(positionals, values.process);
  if (help) printLine(HELP);
  if (help) return 0;
  const run = findRun(dir, which);
  const withCluster = run.index.clusters.length > 1;
  const colours = Deno.stdout.isTerminal() && !Deno.noColor;
  let isEmpty = true;
  for await (const line of logLines(run, { ...selection, follow })) {
    printLine(lineText(line, { withCluster, colours }));
    isEmpty = false;
  }
  const where = selection.node === undefined ? "" : ` on node "${selection.node}"`;
  if (isEmpty) complain(`No process of run ${run.id} wrote anything${where}`);
  return 0;
}

function selectionOf(
  [node, process, ...others]: readonly string[],
  named: string | undefined,
): Pick<LogOptions, "node" | "process"> {
  if (others.length > 0) {
    throw new UsageError("Cannot show logs of more than one node and one of its processes");
  }
  if (process !== undefined && named !== undefined) {
    throw new UsageError(`Cannot show logs of process "${process}" and of --process "${named}"`);
  }
  return { node: node === "*" ? undefined : node, process: process ?? named };
}

function lineText(
  { source, time, text }: OutputLine,
  { withCluster, colours }: { withCluster: boolean; colours: boolean },
): string {
  const { cluster, node, output } = source;
  const place = withCluster ? `${cluster}/${node}` : node;
  const mark = output === "stderr" ? "!" : "|";
  return `${timeOfDay(time)} ${place} ${processName(source)} ${mark} ${
    plainLine(text, { colours })
  }`;
}

if (import.meta.main) await runLookingTask(main);
