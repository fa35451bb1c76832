import { readFrom, readFromNow, SMALL_FILE } from "./file_access.ts";
import { type HostStream, type HostStreamOptions, StreamEnd } from "./host_stream.ts";
import { checkMovable } from "./movable_names.ts";
import { padded, TAR_BLOCK, type TarEntry, tarHeader } from "./tar_header.ts";

/** Bytes that are read from a file at a time. */
const READ_SIZE = 256 * 1024;
/** Bytes to which headers and small files are put together. */
const BATCH_SIZE = 64 * 1024;

/** A part of an archive. */
type Part = Uint8Array<ArrayBuffer>;

/**
 * A file or folder as a tar archive. The names are relative to it, and its own is `./`, or `.` for a
 * file. Sockets, pipes and devices are left out, and so is what vanishes meanwhile; a name that is no
 * UTF-8 is an error. A symbolic link is followed only when it is the `path` itself.
 */
export async function readTree(
  path: string,
  options: HostStreamOptions,
): Promise<HostStream<ReadableStream<Part>>> {
  await Deno.stat(path);
  const parts = batched(archive(path));
  let controller!: ReadableByteStreamController;
  const end = new StreamEnd(
    options,
    () => parts.return(undefined),
    (reason) => controller.error(reason),
  );
  const stream = new ReadableStream({
    type: "bytes",
    start: (given) => void (controller = given),
    async pull() {
      const part = await parts.next().catch((error) => end.fail(error));
      if (!part) return;
      if (!part.done) return controller.enqueue(part.value);
      await end.release();
      controller.close();
      controller.byobRequest?.respond(0);
    },
    cancel: () => end.release(),
  }, { highWaterMark: 0 });
  return end.of(stream);
}

/** Something that is to be archived. Its folder knows already whether it is a file. */
interface Pending {
  readonly name: string;
  readonly isFile: boolean;
}

async function* archive(root: string): AsyncGenerator<Part, void> {
  const pending: Pending[] = [{ name: "", isFile: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { name, isFile } = next;
    const path = name === "" ? root : `${root}/${name}`;
    if (isFile) {
      yield* fileParts(path, name);
      continue;
    }
    const info = await (name === "" ? Deno.stat(path) : Deno.lstat(path)).catch(vanished);
    if (info?.isDirectory) {
      yield header(info, { type: "directory", name: name === "" ? "./" : `${name}/` });
      pending.push(...await entriesOf(path, name));
    } else if (info?.isSymlink) {
      yield header(info, { type: "symlink", name, linkname: await Deno.readLink(path) });
    } else if (info?.isFile) {
      yield* fileParts(path, name || ".");
    }
  }
  yield new Uint8Array(2 * TAR_BLOCK);
}

/** What is in a folder, the last first, as it goes onto a stack. */
async function entriesOf(path: string, name: string): Promise<Pending[]> {
  const entries = await listed(path).catch(vanished) ?? [];
  const pending = entries.map((entry) => ({
    name: name === "" ? entry.name : `${name}/${entry.name}`,
    isFile: entry.isFile,
  }));
  return pending.sort((one, other) => one.name < other.name ? 1 : -1);
}

async function listed(path: string): Promise<Deno.DirEntry[]> {
  const entries = await Array.fromAsync(Deno.readDir(path));
  await checkMovable(path, entries);
  return entries;
}

async function* fileParts(path: string, name: string): AsyncGenerator<Part, void> {
  using file = openNow(path);
  if (!file) return;
  const info = file.statSync();
  const start = header(info, { type: "file", name, size: info.size });
  if (info.size <= SMALL_FILE) return yield smallFile(file, path, { start, size: info.size });
  yield start;
  for (let left = info.size; left > 0;) {
    const part = new Uint8Array(Math.min(left, READ_SIZE));
    const length = await readFrom(file, part, path);
    if (length === null) throw shrunk(path, left);
    left -= length;
    yield part.subarray(0, length);
  }
  yield new Uint8Array(padded(info.size) - info.size);
}

function openNow(path: string): Deno.FsFile | undefined {
  try {
    return Deno.openSync(path);
  } catch (error) {
    return vanished(error);
  }
}

/** Header, content and padding as one part. */
function smallFile(
  file: Deno.FsFile,
  path: string,
  { start, size }: { start: Part; size: number },
): Part {
  const part = new Uint8Array(start.length + padded(size));
  part.set(start);
  const content = part.subarray(start.length, start.length + size);
  for (let done = 0; done < size;) {
    const length = readFromNow(file, content.subarray(done), path);
    if (length === null) throw shrunk(path, size - done);
    done += length;
  }
  return part;
}

function shrunk(path: string, left: number): Error {
  return new Error(`Cannot archive '${path}': it shrank by ${left} bytes`);
}

function header(
  { mode, mtime }: Deno.FileInfo,
  entry: Pick<TarEntry, "name" | "type"> & Partial<TarEntry>,
): Part {
  return tarHeader({ size: 0, mode: (mode ?? 0) & 0o7777, mtime: mtime ?? new Date(0), ...entry });
}

function vanished(error: unknown): undefined {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** Puts small parts together; large ones pass as they are. */
async function* batched(parts: AsyncIterable<Part>): AsyncGenerator<Part, void> {
  let batch = new Uint8Array(BATCH_SIZE);
  let used = 0;
  for await (const part of parts) {
    if (used + part.length > BATCH_SIZE && used > 0) {
      yield batch.subarray(0, used);
      batch = new Uint8Array(BATCH_SIZE);
      used = 0;
    }
    if (part.length > BATCH_SIZE / 2) {
      if (used > 0) {
        yield batch.subarray(0, used);
        batch = new Uint8Array(BATCH_SIZE);
        used = 0;
      }
      yield part;
    } else {
      batch.set(part, used);
      used += part.length;
    }
  }
  if (used > 0) yield batch.subarray(0, used);
}
