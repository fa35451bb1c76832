import { join } from "node:path";
import { type ClusterEntry, readIndex, type RunIndex, type TestEntry } from "./run_index.ts";
import { changeIndex, RUNS } from "./runs_folder.ts";

/** How clusters and tests ended whose runner has ended before they did. */
export interface Interruption {
  /** The id by which their resources are owned. */
  readonly run: string;
  /** What could not be given back. @default nothing */
  readonly errors?: readonly string[] | undefined;
}

/**
 * Says in the record below `dir` that clusters were interrupted which were not disposed of, and what
 * is left of them, and that tests were which had not ended. For the guardian: their runner is gone.
 * The folders of runs of which that says something new.
 */
export function recordInterruption(dir: string, { run, errors = [] }: Interruption): string[] {
  return foldersOf(join(dir, RUNS), run).filter((folder) => {
    let isNew = false;
    changeIndex(folder, (index) => {
      isNew = errors.length > 0 || isOpen(index, run);
      return withInterruption(index, { run, errors });
    });
    return isNew;
  });
}

function isOpen({ clusters, tests = [] }: RunIndex, run: string): boolean {
  return [...clusters, ...tests].some((entry) => entry.run === run && !entry.end);
}

function withInterruption(index: RunIndex, { run, errors }: Required<Interruption>): RunIndex {
  const clusters = index.clusters.map((entry): ClusterEntry => {
    if (entry.run !== run || entry.end && errors.length === 0) return entry;
    const end = entry.end ?? { how: "interrupted", time: Date.now(), errors: [] };
    return { ...entry, end: { ...end, errors: [...end.errors, ...errors] } };
  });
  const tests = index.tests?.map((entry): TestEntry => {
    if (entry.run !== run || entry.end) return entry;
    return { ...entry, end: { verdict: "interrupted", time: Date.now(), errors: [] } };
  });
  return { ...index, clusters, ...tests && { tests } };
}

/** There is one at most, unless a test changed its current folder. */
function foldersOf(runs: string, run: string): string[] {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(runs)];
  } catch {
    return []; // Nothing was recorded here.
  }
  return entries.map(({ name }) => join(runs, name))
    .filter((folder) => hasEntriesOf(run, readIndex(folder)));
}

function hasEntriesOf(run: string, index: RunIndex | undefined): boolean {
  return [...index?.clusters ?? [], ...index?.tests ?? []].some((entry) => entry.run === run);
}
