import { join } from "node:path";
import { sizeOnDisk } from "../../record/mod.ts";

/** Bytes that artifacts of all tests of a run take on the disk, unless one test wants more: 256 MiB. */
const RUN_SIZE = 256 * 1024 * 1024;

/** Bytes of `size` that a test may still have, so that the record of its run does not grow without end. */
export function sizeLeft(run: string, size: number): number {
  return Math.max(0, Math.min(size, Math.max(RUN_SIZE, size) - sizeOfArtifacts(run)));
}

function sizeOfArtifacts(run: string): number {
  try {
    return foldersIn(run).flatMap(foldersIn)
      .filter((folder) => /\/artifacts(-\d+)?$/.test(folder))
      .reduce((sum, folder) => sum + sizeOnDisk(folder), 0);
  } catch (error) {
    // Somebody removes the record meanwhile.
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}

function foldersIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)]
    .filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => join(folder, name));
}
