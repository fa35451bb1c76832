import { SMALL_FILE } from "./file_access.ts";
import { RegularFile } from "./regular_file.ts";
import { padded, TAR_BLOCK, type TarEntry, tarHeader } from "./tar_header.ts";
import { type TreeEntry, type TreeFilter, TreeWalk, unlessGone } from "./tree_walk.ts";

/** Bytes that are read from a file at a time. */
const READ_SIZE = 256 * 1024;
/** Bytes that a file may have of which the system says that it is empty, as of those in `/proc`. */
const LARGEST_UNSIZED = 64 * 1024 * 1024;
/** How often a file is sent that was cut shorter each time. */
const ATTEMPTS = 5;
/** Bytes of which a file's `blocks` are. */
const DISK_BLOCK = 512;

/** A part of an archive. */
export type ArchivePart = Uint8Array<ArrayBuffer>;

/** What is archived of a tree. */
export interface ArchiveOptions {
  /** What there is, and no more: as if all files were empty. @default false */
  readonly namesOnly?: boolean | undefined;
  /** What is left out. @default nothing */
  readonly filter?: TreeFilter | undefined;
}

/** The parts of the archive of `root`, which may be a file. */
export async function* archivedTree(
  root: string,
  { namesOnly = false, filter }: ArchiveOptions = {},
): AsyncGenerator<ArchivePart, void> {
  using walk = new TreeWalk(root, filter);
  const files = new FileArchive();
  const partsOf = (path: string, name: string) =>
    namesOnly ? [headerOf(NO_INFO, { type: "file", name })] : files.parts(path, name);
  for (let entry = walk.next(); entry !== undefined; entry = walk.next()) {
    const { name, path } = entry;
    if (entry.isFile) {
      yield* partsOf(path, name);
      continue;
    }
    const info = await infoOf(entry);
    if (info?.isDirectory && entry.isLeftOut) {
      await walk.enter(entry);
    } else if (info?.isDirectory) {
      yield headerOf(info, { type: "directory", name: name === "" ? "./" : `${name}/` });
      await walk.enter(entry);
    } else if (info?.isSymlink) {
      const linkname = await Deno.readLink(path).catch(unlessGone);
      if (linkname !== undefined) yield headerOf(info, { type: "symlink", name, linkname });
    } else if (info?.isFile) {
      yield* partsOf(path, name || ".");
    }
  }
  yield new Uint8Array(2 * TAR_BLOCK);
}

const NO_INFO = { mode: null, mtime: null };

/** A link is followed only when it is the tree itself. */
async function infoOf({ name, path }: TreeEntry): Promise<Deno.FileInfo | undefined> {
  return await (name === "" ? Deno.stat(path) : Deno.lstat(path)).catch(unlessGone);
}

/** The files of an archive. */
class FileArchive {
  /** By its identity, the first name of each file that has several. */
  readonly #names = new Map<string, string>();
  /** For the content of files that seem to be empty. */
  readonly #probe = new Uint8Array(SMALL_FILE);

  /** Nothing when there is no such file any more. */
  async *parts(path: string, name: string): AsyncGenerator<ArchivePart, void> {
    using file = RegularFile.open(path);
    if (!file) return;
    const linkname = this.#earlierName(file, name);
    if (linkname !== undefined) {
      yield headerOf(file.info, { type: "link", name, linkname });
    } else if (file.info.size === 0) {
      yield this.#unsized(file, path, name);
    } else if (file.info.size <= SMALL_FILE) {
      yield small(file, name);
    } else {
      yield* large(file, path, name);
    }
  }

  #earlierName(file: RegularFile, name: string): string | undefined {
    if ((file.info.nlink ?? 1) < 2) return undefined;
    const { identity } = file;
    const earlier = this.#names.get(identity);
    if (earlier === undefined) this.#names.set(identity, name);
    return earlier;
  }

  /** A file without a size may have content all the same: it is read to its end. */
  #unsized(file: RegularFile, path: string, name: string): ArchivePart {
    const chunks: ArchivePart[] = [];
    let size = 0;
    for (;;) {
      const length = file.readNow(this.#probe, size);
      if (length === 0) return whole(file, name, chunks);
      chunks.push(this.#probe.slice(0, length));
      size += length;
      if (size > LARGEST_UNSIZED) {
        const limit = `${LARGEST_UNSIZED / 1024 / 1024} MiB`;
        throw new Error(
          `Cannot archive '${path}': it says that it is empty, and has over ${limit}`,
        );
      }
    }
  }
}

/** Header, content and padding as one part. */
function small(file: RegularFile, name: string): ArchivePart {
  const content = new Uint8Array(file.info.size);
  let size = 0;
  while (size < content.length) {
    const length = file.readNow(content.subarray(size), size);
    if (length === 0) break; // It was cut, or is one of those that say more than they have.
    size += length;
  }
  return whole(file, name, [content.subarray(0, size)]);
}

function whole(file: RegularFile, name: string, chunks: readonly ArchivePart[]): ArchivePart {
  const size = chunks.reduce((sum, { length }) => sum + length, 0);
  const header = headerOf(file.info, { type: "file", name, size });
  const part = new Uint8Array(header.length + padded(size));
  part.set(header);
  let at = header.length;
  for (const chunk of chunks) {
    part.set(chunk, at);
    at += chunk.length;
  }
  return part;
}

/**
 * A file whose header is sent before it was read. One that is cut meanwhile is filled up with zeros,
 * and comes once more, as it is then: the last one counts.
 */
async function* large(
  file: RegularFile,
  path: string,
  name: string,
): AsyncGenerator<ArchivePart, void> {
  let { size } = file.info;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const sparse = (file.info.blocks ?? Infinity) * DISK_BLOCK < size;
    yield headerOf(file.info, { type: "file", name, size, sparse });
    let done = 0;
    while (done < size) {
      const part = new Uint8Array(Math.min(size - done, READ_SIZE));
      const length = await file.read(part, done);
      if (length === 0) break;
      done += length;
      yield part.subarray(0, length);
    }
    yield* zeros(padded(size) - done);
    if (done === size) return;
    size = done;
  }
  throw new Error(`Cannot archive '${path}': it was cut shorter again and again`);
}

function* zeros(length: number): Generator<ArchivePart, void> {
  for (let left = length; left > 0; left -= READ_SIZE) {
    yield new Uint8Array(Math.min(left, READ_SIZE));
  }
}

function headerOf(
  { mode, mtime }: { readonly mode: number | null; readonly mtime: Date | null },
  entry: Pick<TarEntry, "name" | "type"> & Partial<TarEntry>,
): ArchivePart {
  return tarHeader({ size: 0, mode: (mode ?? 0) & 0o7777, mtime: mtime ?? new Date(0), ...entry });
}
