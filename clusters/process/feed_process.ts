import type { HostProcess } from "../../agent/host/host.ts";
import type { SpawnOptions } from "./spawn_options.ts";
import { SourceFailure } from "../calls/mod.ts";
import { valueKind } from "../options/mod.ts";

type Input = NonNullable<SpawnOptions["input"]>;

/**
 * Writes `input` to a process and ends its standard input. A process that does not read all of it
 * is no error; a stream that fails is, and rejects with a `SourceFailure`. The input then stays open
 * for the caller to kill the process: an end would make it believe that it has read everything.
 */
export async function feedProcess(process: HostProcess, input: Input): Promise<void> {
  const reader = streamOf(input).getReader();
  const writer = process.stdin.getWriter();
  // The source is cancelled when the process has ended, even while it has nothing to bring.
  const stop = (reason: unknown) => reader.cancel(reason).catch(() => {});
  const ended = () => stop(new Deno.errors.BrokenPipe("The process that was to read it has ended"));
  process.status.then(ended, ended);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return await writer.close().catch(() => {});
      checkChunk(value);
      const refused = await writer.write(value).then(() => undefined, (error) => ({ error }));
      if (refused) return await stop(refused.error);
    }
  } catch (error) {
    void stop(error);
    throw new SourceFailure(error);
  } finally {
    reader.releaseLock();
    writer.releaseLock();
  }
}

/** Throws unless a stream, which may be that of untyped code, has brought bytes. */
function checkChunk(chunk: unknown): void {
  if (chunk instanceof Uint8Array) return;
  throw new TypeError(
    `Cannot read input: the stream must bring chunks of Uint8Array, not ${valueKind(chunk)}`,
  );
}

function streamOf(input: Input): ReadableStream<Uint8Array> {
  if (input instanceof ReadableStream) return input;
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  return ReadableStream.from([bytes]);
}
