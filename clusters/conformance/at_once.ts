import { delay } from "../../agent/delay.ts";

/** Milliseconds from one turn of this process to its next, where the machine lets it have one. */
const TURN = 10;

/**
 * What a promise comes to, or else words that say that it came to nothing within so many turns of this
 * process. A busy machine lets a process stand still for seconds, in which it could not do anything.
 */
export async function atOnce(promise: Promise<unknown>, turns: number): Promise<unknown> {
  const settled = new AbortController();
  const late = afterTurns(turns, settled.signal);
  try {
    return await Promise.race([promise, late]);
  } finally {
    settled.abort();
    await late.catch(() => {});
  }
}

async function afterTurns(turns: number, signal: AbortSignal): Promise<string> {
  for (let turn = 0; turn < turns; turn++) await delay(TURN, signal);
  return `nothing within ${turns * TURN} ms`;
}
