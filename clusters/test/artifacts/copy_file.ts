import { dirname, join } from "node:path";
import type { HostFile, HostFiles } from "../../../agent/host/host.ts";
import { missingText } from "../../record/mod.ts";
import { findTail, MAX_SEARCHED } from "./file_tail.ts";
import type { FoundFile } from "./find_files.ts";
import { SparseFile } from "./sparse_file.ts";

/** Bytes that are asked for at once. */
const CHUNK_SIZE = 256 * 1024;

/** Where a file goes, and how much of it. */
export interface CopyFileOptions {
  /** The folder for the files of the node. */
  readonly folder: string;
  /** Bytes that are left; blocks that have nothing but zeros take none. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

/** What was taken of a file. */
export interface Copied {
  /** Bytes that it takes here. */
  readonly bytes: number;
  /** Bytes between its beginning and its end that were left out. */
  readonly missing: number;
}

/**
 * Copies a file of a node, as long as it was when it was found. Blocks of zeros become holes. Of one that
 * has more than the limit its beginning and its end are taken, the end without the zeros behind the last
 * data, and between them a line says how much is missing.
 */
export async function copyFile(
  files: HostFiles,
  { path, names, size }: FoundFile,
  { folder, limit, signal }: CopyFileOptions,
): Promise<Copied> {
  await using source = await files.open(path, { read: true, signal });
  // Files of /proc and the like have content, and say that they are empty.
  const end = size === 0 ? Infinity : Math.min(size, Math.max(limit, MAX_SEARCHED));
  const head = size <= limit ? limit : Math.ceil(limit / 2);
  using target = new SparseFile(createFile(join(folder, ...names)), head);
  const start = await pour(source, { target, start: 0, end, signal });
  const missing = size > limit && start < size
    ? await pourTail(source, { target, start, end: size, size: limit - target.stored, signal })
    : 0;
  return { bytes: target.stored, missing };
}

/** Where a part of a file begins and ends, and where it goes. */
interface Pouring {
  readonly target: SparseFile;
  readonly start: number;
  readonly end: number;
  readonly signal: AbortSignal;
}

/** Copies the end of a file, of which the beginning was copied; resolves to what is missing between. */
async function pourTail(
  source: HostFile,
  { target, ...search }: Pouring & { readonly size: number },
): Promise<number> {
  const tail = await findTail(source, search);
  const missing = tail.start - search.start;
  if (missing > 0) {
    target.append(new TextEncoder().encode(`\n${missingText(missing)}\n`));
  }
  target.room = search.size;
  await source.seek(tail.start, Deno.SeekMode.Start);
  await pour(source, { target, ...tail, signal: search.signal });
  target.skip(search.end - tail.end);
  return missing;
}

/** Copies while there is room; resolves to the place in the file behind what was copied. */
async function pour(source: HostFile, { target, start, end, signal }: Pouring): Promise<number> {
  let place = start;
  while (place < end) {
    signal.throwIfAborted();
    const chunk = await source.read(Math.min(CHUNK_SIZE, end - place));
    if (chunk === null || chunk.length === 0) return place;
    const wanted = chunk.subarray(0, end - place);
    const taken = target.write(wanted);
    place += taken;
    if (taken < wanted.length) return place;
  }
  return place;
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
