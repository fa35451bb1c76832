import { join } from "node:path";
import { hasFailed, isRunning, readIndex } from "./run_index.ts";
import { sizeOnDisk } from "./size_on_disk.ts";

/** The latest runs, which are kept whatever became of them. */
const LATEST = 10;

/** Bytes of failed runs that are kept besides those: 256 MiB. */
const MAX_FAILED = 256 * 1024 * 1024;

/**
 * Removes the records of old runs: all but the latest ten, those that go on, and, up to a size, the
 * latest of those that failed.
 */
export function removeOldRuns(runs: string, { maxFailed = MAX_FAILED } = {}): void {
  let failedSize = 0;
  for (const folder of oldestLast(runs).slice(LATEST)) {
    const index = readIndex(folder);
    if (index && isRunning(index)) continue;
    if (index && hasFailed(index)) {
      failedSize += sizeOnDisk(folder);
      if (failedSize <= maxFailed) continue;
    }
    remove(folder);
  }
}

/** Names sort by time. */
function oldestLast(runs: string): string[] {
  const folders = [...Deno.readDirSync(runs)].filter(({ isDirectory }) => isDirectory);
  return folders.map(({ name }) => name).sort().reverse().map((name) => join(runs, name));
}

/** Removes a folder that another process may be removing at the same time. */
function remove(folder: string): void {
  try {
    Deno.removeSync(folder, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
