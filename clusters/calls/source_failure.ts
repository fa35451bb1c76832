import { pump, type PumpOptions } from "../../agent/host/pump.ts";

/** Something on the test's own side has failed: its error is passed on as it is. */
export class SourceFailure extends Error {
  /** With what it failed. */
  readonly reason: unknown;

  constructor(reason: unknown) {
    super("The source failed");
    this.reason = reason;
  }
}

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
