import type { HostFile } from "../host/host.ts";
import { encodeFileInfo } from "../wire/file_info.ts";
import type { OutgoingStream } from "../wire/outgoing_stream.ts";
import { integer, oneOf, optional, record } from "../wire/shape.ts";
import type { ServedChannel } from "./served_channel.ts";

/** Bytes that one request may read: the buffer for them is allocated at once. */
const MAX_READ = 1024 * 1024;

const shape = record({
  read: optional(integer()),
  write: optional(integer()),
  seek: optional(integer(Number.MIN_SAFE_INTEGER)),
  whence: optional(oneOf(0, 1, 2)),
  stat: optional(oneOf(true)),
  truncate: optional(integer()),
  sync: optional(oneOf(true)),
});

type Input = ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;

/** Does what a runner asks of an open file, until it closes it. */
export async function serveFile(channel: ServedChannel, file: HostFile): Promise<void> {
  const input = channel.incoming(0).readable.getReader();
  const output = new ReadBytes(channel.outgoing(1));
  channel.serve(async (request) => {
    const { read, write, seek, whence = 0, stat, truncate, sync } = shape(request, "the request");
    if (read !== undefined) return await readFile(file, output, read);
    if (write !== undefined) return await writeFile(file, input, write);
    if (seek !== undefined) return await file.seek(seek, whence);
    if (stat) return encodeFileInfo(await file.stat());
    if (truncate !== undefined) return await file.truncate(truncate);
    if (sync) return await file.sync();
    throw new TypeError("Cannot accept the request: it asks for nothing");
  });
  channel.event({ opened: true });
  await channel.closing;
}

/** Bytes that were read, on their way to the runner. */
class ReadBytes {
  readonly #stream: OutgoingStream;
  #sent: Promise<void> = Promise.resolve();

  constructor(stream: OutgoingStream) {
    this.#stream = stream;
  }

  /**
   * Resolves when all before have been sent. The reply must not wait for these, whose credit the
   * runner grants as it reads what the reply announces.
   */
  async send(bytes: Uint8Array): Promise<void> {
    await this.#sent;
    this.#sent = this.#stream.write(bytes).catch(() => {});
  }
}

async function readFile(
  file: HostFile,
  output: ReadBytes,
  length: number,
): Promise<number | null> {
  const bytes = await file.read(Math.min(length, MAX_READ));
  if (bytes === null) return null;
  await output.send(bytes);
  return bytes.length;
}

/** Takes all the bytes, even if they cannot be written: those of the next request come after them. */
async function writeFile(file: HostFile, input: Input, length: number): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  for (let left = length; left > 0;) {
    const { done, value } = await input.read();
    if (done || value.length > left) throw new TypeError(`Cannot write: ${left} bytes are missing`);
    left -= value.length;
    if (!failure) await file.write(value).catch((error) => failure = { error });
  }
  if (failure) throw failure.error;
}
