import { join } from "node:path";
import type { ClusterEntry } from "../record/mod.ts";
import { ClusterStory } from "./cluster_story.ts";
import { plainText } from "../events/mod.ts";
import { finalLines } from "./recorded_failures.ts";
import type { RecordedRun } from "./recorded_run.ts";
import { runDuration, runState } from "./run_state.ts";
import { commandLineText, countOf, durationText } from "./run_summary.ts";
import { testDetails } from "./test_lines.ts";
import { timeOfDay } from "./time_of_day.ts";
import { ToldErrors } from "./told_errors.ts";
import { lastWritten } from "./unfinished_commands.ts";

/** Commands that had not ended of which the last lines are shown. */
const MAX_UNFINISHED = 10;

/** Lines about a run: what it was, and what failed in it, with the last lines around that. */
export function* runDetails(run: RecordedRun): Generator<string, void, undefined> {
  const { id, folder, index } = run;
  const { command, cwd, started, versions } = index;
  const time = new Date(started).toISOString();
  yield plainText(`${id}: ${runState(index)}, ${durationText(runDuration(index))} from ${time}`);
  yield plainText(`  ${commandLineText(command)}, in ${cwd}`);
  yield plainText(
    `  clustertest ${versions?.clustertest}, Deno ${versions?.deno}, ${versions?.os}`,
  );
  yield plainText(`  ${folder}`);
  for (const line of testDetails(index)) yield plainText(line);
  const told = new ToldErrors(index);
  for (const cluster of index.clusters) {
    yield "";
    for (const line of clusterDetails(run, { cluster, told })) yield plainText(line);
  }
}

function* clusterDetails(
  run: RecordedRun,
  { cluster, told }: { readonly cluster: ClusterEntry; readonly told: ToldErrors },
): Generator<string> {
  const { folder, backend, nodes, end } = cluster;
  const isRunning = runState(run.index) === "running";
  const state = end?.how ?? (isRunning ? "running" : "interrupted");
  yield `${folder} on ${backend.name}, ${countOf(nodes.length, "node")}: ${state}`;
  const path = join(run.folder, folder);
  const story = ClusterStory.read(path, told);
  if (story.damaged > 0) yield `  ${countOf(story.damaged, "line")} of its events: unreadable`;
  yield* storyLines(story);
  for (const error of end?.errors ?? []) yield `  could not be given back: ${error}`;
  if (state !== "disposed") yield* lastOfAll(path, story);
}

function* storyLines({ entries, earlierFailures }: ClusterStory): Generator<string> {
  if (earlierFailures > 0) yield `  ${countOf(earlierFailures, "failure")} before these`;
  for (const { time, lines: [first, ...rest] } of entries) {
    yield `  ${timeOfDay(time)} ${first}`;
    for (const line of rest) yield `    ${line}`;
  }
}

function* lastOfAll(path: string, { latest, unfinished }: ClusterStory): Generator<string> {
  if (latest.length > 0) yield "  its last events:";
  for (const line of latest) yield `    ${line}`;
  for (const started of unfinished.slice(-MAX_UNFINISHED)) {
    yield `  ${started.node} still ran ${commandLineText(started.command)} (${started.process})`;
    for (const line of finalLines(lastWritten(path, started))) yield `    ${line}`;
  }
}
