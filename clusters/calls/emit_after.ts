import type { Ending } from "../events/mod.ts";
import { thrownText } from "../../agent/thrown_text.ts";
import { SourceFailure } from "./source_failure.ts";

/** Does work, and then emits how it ended: its duration, and the error if it failed. */
export async function emitAfter<T>(
  work: () => Promise<T>,
  emit: (end: Ending) => void,
): Promise<T> {
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  try {
    const result = await work();
    emit({ elapsed: elapsed() });
    return result;
  } catch (error) {
    const reason = error instanceof SourceFailure ? error.reason : error;
    emit({ elapsed: elapsed(), error: thrownText(reason) });
    throw error;
  }
}
