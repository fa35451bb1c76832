import { describedError, messageOf } from "./described_error.ts";
import { type HostStream, type HostStreamOptions, StreamEnd } from "./host_stream.ts";
import { TreeUnpacking, type UnpackingOptions } from "./tree_unpacking.ts";

/** How an archive is written into a tree. */
export interface TreeWriterOptions extends HostStreamOptions, UnpackingOptions {}

/**
 * Unpacks a tar archive into the folder `path`, or into the file if that is what it holds. The stream
 * fails as soon as an entry cannot be unpacked; what was unpacked before stays.
 */
export function writeTree(
  path: string,
  options: TreeWriterOptions,
): HostStream<WritableStream<Uint8Array>> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const archive = writable.getWriter();
  const unpacked = unpack(readable, path, options);
  let controller!: WritableStreamDefaultController;
  const fail = (reason: unknown): void => controller.error(reason);
  const settled = unpacked.catch(async (error) => {
    fail(error);
    // Otherwise the sender would wait for a chunk that the parser does not take any more.
    await readable.cancel(error).catch(() => {});
  });
  const end = new StreamEnd(options, async () => {
    await archive.abort(new Error("the stream was ended")).catch(() => {});
    await settled;
  }, fail);
  void settled.then(() => end.release());
  const stream = new WritableStream<Uint8Array>({
    start: (given) => void (controller = given),
    // An archive that was refused is not read any more: the reason counts, and not that.
    write: (chunk) => archive.write(chunk).catch(() => unpacked),
    async close() {
      await archive.close().catch(() => {});
      await unpacked;
      await end.release();
    },
    abort: () => end.release(),
  });
  return end.of(stream);
}

async function unpack(
  archive: ReadableStream<Uint8Array>,
  path: string,
  options: UnpackingOptions,
): Promise<void> {
  // Loaded only here: that takes longer than everything else that importing the library does.
  const [{ extract }, { pipeline }] = await Promise.all([
    import("tar-stream"),
    import("node:stream/promises"),
  ]);
  const entries = extract();
  const parsed = pipeline(archive, entries);
  parsed.catch(() => {}); // The loop below fails with the same error, and first.
  await using tree = new TreeUnpacking(path, options);
  try {
    for await (const entry of entries) {
      await tree.add(entry.header, entry as AsyncIterable<Uint8Array>);
      entry.resume();
    }
    await parsed;
  } catch (error) {
    throw unpackingError(error, path);
  }
  await tree.finish();
}

/** An archive that is broken is invalid data, whatever the parser calls it. */
function unpackingError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || error.constructor !== Error || "code" in error) return error;
  const cause = new Deno.errors.InvalidData(messageOf(error), { cause: error });
  return describedError(cause, `Cannot unpack an archive into '${path}': ${error.message}`);
}
