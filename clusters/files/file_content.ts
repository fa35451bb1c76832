import type { PumpOptions } from "../../agent/host/pump.ts";
import { joined } from "../../agent/host/joined.ts";
import { pour } from "../calls/mod.ts";
import { valueKind } from "../options/mod.ts";
import { unlessAborted } from "../concurrency/mod.ts";

/** How content is read or written. */
export interface ContentOptions extends Pick<PumpOptions, "onChunk"> {
  readonly signal: AbortSignal;
}

/** Throws unless this can be the content of a file. */
export function checkContent(data: Uint8Array | ReadableStream<Uint8Array>): void {
  if (data instanceof Uint8Array || data instanceof ReadableStream) return;
  throw new TypeError(
    `Cannot write ${valueKind(data)}: content is a Uint8Array or a ReadableStream of them`,
  );
}

/** Throws unless this can be the content of a text file. */
export function checkText(data: string | ReadableStream<string>): void {
  if (typeof data === "string" || data instanceof ReadableStream) return;
  throw new TypeError(
    `Cannot write ${valueKind(data)}: text is a string or a ReadableStream of them`,
  );
}

/** Reads a file to its end. Aborting cancels the stream, and rejects with the signal's reason. */
export async function readContent(
  stream: ReadableStream<Uint8Array>,
  { signal, onChunk = () => {} }: ContentOptions,
): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  // The pending read may never end, so it is not awaited.
  const abort = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (signal.aborted) abort();
    const chunks: Uint8Array[] = [];
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return joined(chunks);
      onChunk(value.length);
      chunks.push(value);
    }
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/**
 * Writes bytes, or all that a stream brings, into an open file, and closes it. Aborting ends both
 * streams, and rejects with the signal's reason.
 */
export async function writeContent(
  target: WritableStream<Uint8Array>,
  data: Uint8Array | ReadableStream<Uint8Array>,
  options: ContentOptions,
): Promise<void> {
  const written = data instanceof ReadableStream
    ? pour(data, target, options)
    : writeBytes(target, data, options);
  // The pending write may never end, so it is not awaited.
  await unlessAborted(written, options.signal);
}

async function writeBytes(
  target: WritableStream<Uint8Array>,
  bytes: Uint8Array,
  { signal, onChunk = () => {} }: ContentOptions,
): Promise<void> {
  const writer = target.getWriter();
  const abort = () => void writer.abort(signal.reason).catch(() => {});
  signal.addEventListener("abort", abort, { once: true });
  try {
    if (signal.aborted) abort();
    if (bytes.length > 0) await writer.write(bytes);
    await writer.close();
    onChunk(bytes.length);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
