import { pump, type PumpOptions } from "../../agent/host/pump.ts";
import { SourceFailure } from "./source_failure.ts";

/** Pipes a stream of the test to a node. Rejects with a `SourceFailure` when the stream fails. */
export async function pour(
  source: ReadableStream<Uint8Array>,
  target: WritableStream<Uint8Array>,
  options: PumpOptions,
): Promise<void> {
  try {
    await pump(source, target, options);
  } catch (error) {
    throw await hasFailed(source) ? new SourceFailure(error) : error;
  }
}

/** Whether a stream ended by itself with an error. One that was cancelled has not. */
async function hasFailed(stream: ReadableStream<unknown>): Promise<boolean> {
  const reader = stream.getReader();
  try {
    await reader.closed;
    return false;
  } catch {
    return true;
  } finally {
    reader.releaseLock();
  }
}
