import type { Ending } from "./events.ts";
import { SourceFailure } from "./source_failure.ts";

/** Does work, and calls `tell` with how it has ended, whichever way that was. */
export async function told<T>(work: () => Promise<T>, tell: (end: Ending) => void): Promise<T> {
  const started = performance.now();
  const elapsed = () => performance.now() - started;
  try {
    const result = await work();
    tell({ elapsed: elapsed() });
    return result;
  } catch (error) {
    const reason = error instanceof SourceFailure ? error.reason : error;
    tell({ elapsed: elapsed(), error: String(reason) });
    throw error;
  }
}
