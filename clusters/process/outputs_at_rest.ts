import type { HostProcess, LogTail } from "../../agent/host/host.ts";
import { Deadline } from "../../agent/deadline.ts";
import { aborted, unlessAborted } from "../concurrency/mod.ts";
import type { CollectedOutput } from "./collected_output.ts";

/** Milliseconds without a byte after which outputs that are held open count as complete. */
const STILLNESS = 200;

/** Milliseconds for which stillness is waited for at a time: other processes may never be still. */
const PATIENCE = 1_000;

/** How often it is waited for. */
const ROUNDS = 3;

/** Both outputs of a command. */
export interface Outputs {
  readonly stdout: CollectedOutput;
  readonly stderr: CollectedOutput;
  /** Aborts when the command is not waited for any more: then nothing here matters. */
  readonly signal: AbortSignal;
}

/**
 * Waits until the outputs of a command that has ended are complete, although processes that it has
 * left behind may hold them open: until everything has arrived that was written before its end.
 *
 * Outputs are still when no chunk arrives. They are complete when as much has arrived as the node says
 * that it has read: bytes may be delayed on their way to the test.
 */
export async function outputsAtRest(process: HostProcess, outputs: Outputs): Promise<void> {
  const { stdout, stderr, signal } = outputs;
  for (let round = 0; round < ROUNDS; round++) {
    const wasStill = await still(outputs);
    if (stdout.hasEnded && stderr.hasEnded || signal.aborted) return;
    const before = stdout.end + stderr.end;
    const log = await process.log();
    await Promise.all([stdout.reached(read(log.stdout)), stderr.reached(read(log.stderr))]);
    if (wasStill && stdout.end + stderr.end === before) return;
  }
}

/** Bytes that the node has read of an output. */
function read({ dropped, bytes }: LogTail): number {
  return dropped + bytes.length;
}

/** Waits until nothing has come for a while, or both outputs have ended; not for ever. */
async function still({ stdout, stderr, signal }: Outputs): Promise<boolean> {
  const enough = performance.now() + PATIENCE;
  while (performance.now() < enough && !signal.aborted) {
    if (stdout.hasEnded && stderr.hasEnded) return true;
    using silence = new Deadline(STILLNESS);
    const change = Promise.race([stdout.change(), stderr.change(), aborted(signal)]);
    await unlessAborted(change, silence.signal).catch(() => {});
    if (silence.isOver) return true;
  }
  return false;
}
