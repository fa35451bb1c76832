import { describedError, messageOf } from "./described_error.ts";
import { type HostStream, type HostStreamOptions, StreamEnd } from "./host_stream.ts";
import { TreeUnpacking } from "./tree_unpacking.ts";

/** Unpacks a tar archive into the folder `path`, or into the file if that is what it holds. */
export function writeTree(
  path: string,
  options: HostStreamOptions,
): HostStream<WritableStream<Uint8Array>> {
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const writer = input.writable.getWriter();
  let controller!: WritableStreamDefaultController;
  const unpacked = unpack(input.readable, path);
  const settled = unpacked.catch((error) => void controller.error(error));
  const end = new StreamEnd(
    options,
    async () => {
      await writer.abort(new Error("the stream was ended")).catch(() => {});
      await settled;
    },
    (reason) => controller.error(reason),
  );
  const stream = new WritableStream<Uint8Array>({
    start: (given) => void (controller = given),
    // When the archive is refused, the reason for that counts and not that nobody reads any more.
    write: (chunk) => writer.write(chunk).catch(() => unpacked),
    async close() {
      await writer.close().catch(() => {});
      await unpacked.finally(() => end.release());
    },
    abort: () => end.release(),
  });
  void settled.then(() => end.release());
  return end.of(stream);
}

async function unpack(archive: ReadableStream<Uint8Array>, path: string): Promise<void> {
  // Loaded only here: that takes longer than everything else that importing the library does.
  const [{ extract }, { pipeline }] = await Promise.all([
    import("tar-stream"),
    import("node:stream/promises"),
  ]);
  const extraction = extract();
  const fed = pipeline(archive, extraction);
  fed.catch(() => {}); // The loop below fails with the same error, and first.
  const tree = new TreeUnpacking(path);
  try {
    for await (const entry of extraction) {
      await tree.add(entry.header, entry as AsyncIterable<Uint8Array>);
      entry.resume();
    }
    await fed;
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
