import { readFrom, writeTo } from "./file_access.ts";
import { SparseWriter } from "./sparse_writer.ts";
import { type HostStream, type HostStreamOptions, StreamEnd } from "./host_stream.ts";

/** Bytes that are read at a time, at first and once a read was filled. */
const READ_SIZES = { first: 64 * 1024, then: 256 * 1024 };

/** How an open file is streamed. */
export interface FileStreamOptions extends HostStreamOptions {
  /** Names the file in errors. */
  readonly path: string;
}

/** How an open file is written by a stream. */
export interface FileSinkOptions extends FileStreamOptions {
  /** Leave holes where there would be zeros; the file is empty. @default false */
  readonly sparse?: boolean | undefined;
  /** Called once all is written, before the file is closed. @default nothing is */
  readonly onWritten?: (() => Promise<void>) | undefined;
}

/** Reads `file` from where it is to its end, then closes it. Cancelling closes it, too. */
export function fileSource(
  file: Deno.FsFile,
  options: FileStreamOptions,
): HostStream<ReadableStream<Uint8Array<ArrayBuffer>>> {
  let controller!: ReadableByteStreamController;
  let size = READ_SIZES.first;
  const end = new StreamEnd(options, () => file.close(), (reason) => controller.error(reason));
  const stream = new ReadableStream({
    type: "bytes",
    start: (given) => void (controller = given),
    async pull() {
      const chunk = new Uint8Array(size);
      const length = await readFrom(file, chunk, options.path).catch((error) => end.fail(error));
      if (length === undefined) return;
      if (length === null) {
        await end.release();
        controller.close();
        controller.byobRequest?.respond(0);
        return;
      }
      if (length === size) size = READ_SIZES.then;
      controller.enqueue(chunk.subarray(0, length));
    },
    cancel: () => end.release(),
  }, { highWaterMark: 0 });
  return end.of(stream);
}

/** Writes into `file`, and closes it when the stream is closed, aborted or fails. */
export function fileSink(
  file: Deno.FsFile,
  { path, sparse = false, onWritten, ...options }: FileSinkOptions,
): HostStream<WritableStream<Uint8Array>> {
  let controller!: WritableStreamDefaultController;
  // A device or a pipe has no holes.
  const holes = sparse && file.statSync().isFile ? new SparseWriter(file, path) : undefined;
  const end = new StreamEnd(options, () => file.close(), (reason) => controller.error(reason));
  const stream = new WritableStream<Uint8Array>({
    start: (given) => void (controller = given),
    async write(chunk) {
      try {
        await (holes ? holes.write(chunk) : writeTo(file, chunk, path));
      } catch (error) {
        await end.release();
        throw error;
      }
    },
    async close() {
      try {
        await holes?.end();
        await onWritten?.();
      } finally {
        await end.release();
      }
    },
    abort: () => end.release(),
  });
  return end.of(stream);
}
