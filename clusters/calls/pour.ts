import { pump, type PumpOptions } from "../../agent/host/pump.ts";
import { SourceFailure } from "./source_failure.ts";

/** Pipes what a test provides to a node. Rejects with a `SourceFailure` when it was the source. */
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
