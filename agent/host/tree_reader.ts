import { type HostStream, type HostStreamOptions, StreamEnd } from "./host_stream.ts";
import { archivedTree, type ArchiveOptions, type ArchivePart } from "./tree_archive.ts";

/** Bytes to which headers and small files are put together. */
const BATCH_SIZE = 64 * 1024;

/** How a tree is read. */
export interface ReadTreeOptions extends HostStreamOptions, ArchiveOptions {}

/**
 * A file or folder as a tar archive. The names are relative to it, and its own is `./`, or `.` for a
 * file. Sockets, pipes and devices are left out, and so is what vanishes meanwhile; a name that is no
 * UTF-8 is an error. A symbolic link is followed only when it is the `path` itself. Further names of
 * a file are hard links.
 */
export async function readTree(
  path: string,
  { namesOnly, filter, ...options }: ReadTreeOptions,
): Promise<HostStream<ReadableStream<ArchivePart>>> {
  const { isDirectory } = await Deno.stat(path);
  // A caller that names a link wants the file that it leads to.
  const root = isDirectory ? path : await Deno.realPath(path);
  const parts = batched(archivedTree(root, { namesOnly, filter }));
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

/** Puts small parts together; large ones pass as they are. */
async function* batched(parts: AsyncIterable<ArchivePart>): AsyncGenerator<ArchivePart, void> {
  let batch = new Uint8Array(BATCH_SIZE);
  let used = 0;
  for await (const part of parts) {
    const isLarge = part.length > BATCH_SIZE / 2;
    if (used > 0 && (isLarge || used + part.length > BATCH_SIZE)) {
      yield batch.subarray(0, used);
      batch = new Uint8Array(BATCH_SIZE);
      used = 0;
    }
    if (isLarge) yield part;
    else {
      batch.set(part, used);
      used += part.length;
    }
  }
  if (used > 0) yield batch.subarray(0, used);
}
