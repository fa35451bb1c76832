import { basename } from "node:path";
import { plainText } from "../events/mod.ts";
import type { RecordedRun, UnreadableRun } from "./recorded_run.ts";
import { runDuration, runState } from "./run_state.ts";

/** Characters of a command line that are shown. */
const MAX_COMMAND = 60;

/** A line about a run: its name, its state, how long it took, what it had, and what was run. */
export function runSummary(run: RecordedRun | UnreadableRun): string {
  if ("problem" in run) return `${run.id}  unreadable: ${plainText(run.problem)}`;
  const { id, index } = run;
  const { clusters } = index;
  const nodes = clusters.reduce((sum, cluster) => sum + cluster.nodes.length, 0);
  const parts = [
    runState(index).padEnd(7),
    durationText(runDuration(index)).padStart(8),
    `${countOf(clusters.length, "cluster")}, ${countOf(nodes, "node")}`,
    plainText(commandLineText(index.command)),
  ];
  return [id, ...parts].join("  ");
}

/** The command line as it was typed, without the folder of the program. */
export function commandLineText([program = "", ...args]: readonly string[]): string {
  const text = [basename(String(program)), ...args].join(" ");
  return text.length > MAX_COMMAND ? `${text.slice(0, MAX_COMMAND - 1)}…` : text;
}

/** As in `12.3 s`, or `?` where it is not known. */
export function durationText(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "?" : `${(milliseconds / 1000).toFixed(1)} s`;
}

/** As in `1 node` and `2 nodes`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
