/** Bytes below which it is not worth it. */
const LARGE = 32 * 1024;

/** Bytes of its buffer that are not the chunk's, if nothing else is in there: a frame's header. */
const MAX_REST = 10;

/**
 * Frees the memory of a chunk at once, which must not be used again. V8 would do so when it next
 * collects garbage, but it does that after every 20 MB of such chunks, which costs as much as to
 * decrypt them: files go up 1.3 times as fast with this. A chunk that shares its buffer with others
 * is left alone.
 */
export function releaseChunk({ buffer, length }: Uint8Array): void {
  if (length < LARGE || buffer.byteLength - length > MAX_REST) return;
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
