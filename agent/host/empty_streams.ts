/**
 * The streams of a process that has none.
 *
 * @module
 */

/** Ends at once. */
export function emptyReadable(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ start: (controller) => controller.close() });
}

/** Takes nothing: it is closed. */
export function closedWritable(): WritableStream<Uint8Array> {
  const writable = new WritableStream<Uint8Array>();
  writable.close();
  return writable;
}
