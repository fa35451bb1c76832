import type { SpawnOptions } from "./command.ts";
import { SourceFailure } from "./source_failure.ts";

/**
 * Writes `input` to a process and ends its standard input. A process that does not read all of it
 * is no error; a stream that fails is, and rejects with a `SourceFailure`. The input then stays open
 * for the caller to kill the process: an end would make it believe that it has read everything.
 */
export async function feed(
  stdin: WritableStream<Uint8Array>,
  input: NonNullable<SpawnOptions["input"]>,
): Promise<void> {
  const writer = stdin.getWriter();
  try {
    if (input instanceof ReadableStream) return await feedStream(writer, input);
    const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
    await writer.write(bytes).then(() => writer.close()).catch(() => {});
  } finally {
    writer.releaseLock();
  }
}

async function feedStream(
  writer: WritableStreamDefaultWriter<Uint8Array>,
  input: ReadableStream<Uint8Array>,
): Promise<void> {
  const reader = input.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return await writer.close().catch(() => {});
      const refused = await writer.write(value).then(() => undefined, (error) => ({ error }));
      // Nobody reads any more: the source is told to stop.
      if (refused) return await reader.cancel(refused.error).catch(() => {});
    }
  } catch (error) {
    throw new SourceFailure(error);
  } finally {
    reader.releaseLock();
  }
}
