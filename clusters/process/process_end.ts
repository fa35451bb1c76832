import type { HostProcess } from "../../agent/host/host.ts";
import { settledWithin } from "../../agent/settled_within.ts";
import type { CommandEnd } from "../events/mod.ts";
import type { ProcessRecord } from "../record/mod.ts";

/** Milliseconds for which the rest of the outputs may be on its way once a process has ended. */
const REST_TIMEOUT = 250;

/** How a process in the background ended: without a code and a signal if its node is gone. */
export async function processEnd(
  process: HostProcess,
  record: ProcessRecord,
): Promise<CommandEnd> {
  const started = performance.now();
  const status = await process.status.catch(() => undefined);
  if (status) await rest(record);
  const tails = { stdout: record.tail("stdout"), stderr: record.tail("stderr") };
  if (!status) return { code: null, signal: null, elapsed: performance.now() - started, ...tails };
  const { code, signal, elapsed, outOfMemory } = status;
  return { code, signal, elapsed, ...outOfMemory && { outOfMemory }, ...tails };
}

/** Waits for the rest of the outputs, within a bound: a child of the process may hold them open. */
async function rest(record: ProcessRecord): Promise<void> {
  if (record.isComplete) return;
  await settledWithin(REST_TIMEOUT, record.complete);
}
