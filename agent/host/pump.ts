import { releaseChunk } from "./release_chunk.ts";

/** How a stream is pumped into another. */
export interface PumpOptions {
  /** Aborting ends both streams with the signal's reason, and rejects with it. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each chunk with its number of bytes, before it is written. */
  readonly onChunk?: ((size: number) => void) | undefined;
  /** Waited for, if it gives a promise, before each chunk and the end are passed on. @default nothing is */
  readonly before?: (() => Promise<void> | undefined) | undefined;
  /**
   * Frees each chunk once its write has resolved. Neither `source` nor `target` may look at it
   * afterwards. @default false
   */
  readonly release?: boolean | undefined;
  /** Waited for when one of the streams has failed, before the other hears of it. */
  readonly onFailure?: ((error: unknown) => Promise<unknown>) | undefined;
}

/**
 * Moves all that `source` brings into `target`, and closes that; as `pipeTo()` does, for less, and
 * reads the next chunk while one is written. When one of them fails, so does the other.
 */
export async function pump(
  source: ReadableStream<Uint8Array>,
  target: WritableStream<Uint8Array>,
  { signal, onChunk = () => {}, before = () => undefined, release = false, onFailure }:
    PumpOptions = {},
): Promise<void> {
  const [reader, writer] = [source.getReader(), target.getWriter()];
  const end = (reason: unknown) =>
    Promise.allSettled([reader.cancel(reason), writer.abort(reason)]);
  // A target that takes no more is noticed even while nothing comes. To be closed, it only says that
  // it cannot be.
  let broken: { readonly error: unknown } | undefined;
  writer.closed.catch((error) => {
    broken = { error };
    return reader.cancel(error);
  }).catch(() => {});
  const abort = () => void end(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    signal?.throwIfAborted();
    await moveAll(reader, writer, { onChunk, before, release });
    signal?.throwIfAborted();
    await before();
    await writer.close();
  } catch (error) {
    await onFailure?.(error);
    await end(error);
    throw signal?.aborted ? signal.reason : broken ? broken.error : error;
  } finally {
    signal?.removeEventListener("abort", abort);
    // A caller that needs to know how the source has ended can look.
    reader.releaseLock();
  }
}

async function moveAll(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  { onChunk, before, release }: {
    readonly onChunk: NonNullable<PumpOptions["onChunk"]>;
    readonly before: NonNullable<PumpOptions["before"]>;
    readonly release: boolean;
  },
): Promise<void> {
  for (let next = reader.read();;) {
    const { done, value } = await next;
    if (done) return;
    next = reader.read();
    next.catch(() => {}); // It is awaited when this chunk was written, unless that fails.
    onChunk(value.length);
    const held = before();
    if (held) await held;
    await writer.write(value);
    if (release) releaseChunk(value);
  }
}
