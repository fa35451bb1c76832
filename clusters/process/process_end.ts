import type { HostProcess } from "../../agent/host/host.ts";
import type { CommandEnd } from "../events/mod.ts";
import { lastWords } from "./last_words.ts";
import type { LiveOutputs } from "./live_outputs.ts";

/** Milliseconds for which the rest of the outputs may be on its way once a process has ended. */
const REST_TIMEOUT = 250;

/** How a process in the background ended: without a code and a signal if its node is gone. */
export async function processEnd(
  process: HostProcess,
  live: LiveOutputs,
): Promise<CommandEnd> {
  const started = performance.now();
  const status = await process.status.catch(() => undefined);
  if (status) await lastWords(live, REST_TIMEOUT);
  const { record } = live;
  const tails = { stdout: record.tail("stdout"), stderr: record.tail("stderr") };
  if (!status) return { code: null, signal: null, elapsed: performance.now() - started, ...tails };
  const { code, signal, elapsed, outOfMemory } = status;
  return { code, signal, elapsed, ...outOfMemory && { outOfMemory }, ...tails };
}
