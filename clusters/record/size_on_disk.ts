import { join } from "node:path";

/** Bytes of what the system counts as a block of a file, whatever the disk has. */
const BLOCK = 512;

/** Bytes that the files in a folder take: artifacts may be long files of holes. */
export function sizeOnDisk(folder: string): number {
  return [...Deno.readDirSync(folder)].reduce((size, { name, isDirectory }) => {
    const path = join(folder, name);
    return size + (isDirectory ? sizeOnDisk(path) : sizeOfFile(Deno.lstatSync(path)));
  }, 0);
}

function sizeOfFile({ size, blocks }: Deno.FileInfo): number {
  return blocks === null ? size : blocks * BLOCK;
}
