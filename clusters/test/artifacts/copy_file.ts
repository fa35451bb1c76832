import { dirname, join } from "node:path";
import type { HostFile, HostFiles } from "../../../agent/host/host.ts";
import type { FoundFile } from "./find_files.ts";

/** Bytes that are asked for at once. */
const CHUNK_SIZE = 256 * 1024;

/** Where a file goes, and how much of it. */
export interface CopyOptions {
  /** The folder for the files of the node. */
  readonly folder: string;
  /** Bytes that are left. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/**
 * Copies a file of a node, as long as it was when it was found: of one that is longer than the limit its
 * end, behind a line that says what is missing. Resolves to the number of bytes of it.
 */
export async function copyFile(
  files: HostFiles,
  { path, names, size }: FoundFile,
  { folder, limit, signal }: CopyOptions,
): Promise<number> {
  await using source = await files.open(path, { read: true, signal });
  using target = createFile(join(folder, ...names));
  const missing = Math.max(0, size - limit);
  if (missing > 0) {
    await source.seek(missing, Deno.SeekMode.Start);
    writeAll(
      target,
      new TextEncoder().encode(`[clustertest: ${missing} bytes are missing here]\n`),
    );
  }
  // Files of /proc and the like have content, and say that they are empty.
  return await pour(source, { target, limit: size === 0 ? limit : size - missing, signal });
}

async function pour(
  source: HostFile,
  { target, limit, signal }: {
    readonly target: Deno.FsFile;
    readonly limit: number;
    readonly signal: AbortSignal;
  },
): Promise<number> {
  let copied = 0;
  while (copied < limit) {
    signal.throwIfAborted();
    const chunk = await source.read(Math.min(CHUNK_SIZE, limit - copied));
    if (chunk === null || chunk.length === 0) break;
    writeAll(target, chunk.subarray(0, limit - copied));
    copied += chunk.length;
  }
  return Math.min(copied, limit);
}

/** Makes a file of a name that nothing has: a relative and an absolute path may be the same here. */
function createFile(path: string): Deno.FsFile {
  Deno.mkdirSync(dirname(path), { recursive: true });
  for (let count = 1;; count++) {
    try {
      const name = count === 1 ? path : `${path}~${count}`;
      return Deno.openSync(name, { write: true, createNew: true, mode: 0o600 });
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    }
  }
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array): void {
  let rest = bytes;
  while (rest.length > 0) rest = rest.subarray(file.writeSync(rest));
}
