import { Deadline } from "../../agent/deadline.ts";
import type { HostProcess } from "../../agent/host/host.ts";
import type { CommandEnd } from "../events/mod.ts";
import { unlessAborted } from "../concurrency/mod.ts";

/** Bytes of each output of a failed process that its event quotes. */
const EVENT_TAIL = 16 * 1024;

/** Milliseconds that a node which is given back has to say what its processes have written. */
const LAST_WORDS_TIMEOUT = 500;

/** The last part of both outputs. */
type Tails = Pick<CommandEnd, "stdout" | "stderr">;

const NO_TAILS: Tails = { stdout: "", stderr: "" };

/** The processes of a node that run beside the test, and what is to be told of their ends. */
export class SpawnedProcesses {
  /** Those that run, and what they have written as far as it was asked for. */
  readonly #tails = new Map<HostProcess, Tails>();

  /** Calls `ended` with how the process ends, also when nobody knows because its node is gone. */
  async follow(process: HostProcess, ended: (end: CommandEnd) => void): Promise<void> {
    const started = performance.now();
    this.#tails.set(process, NO_TAILS);
    const status = await process.status.catch(() => undefined);
    const tails = this.#tails.get(process)!;
    this.#tails.delete(process);
    if (status) {
      const { success, code, signal, elapsed } = status;
      const isKnown = success || tails !== NO_TAILS;
      ended({ code, signal, elapsed, ...isKnown ? tails : await logTails(process) });
    } else {
      ended({ code: null, signal: null, elapsed: performance.now() - started, ...tails });
    }
  }

  /** Asks for what those that run have written, within a bound, before their node is gone. */
  async keepLastWords(): Promise<void> {
    const kept = [...this.#tails.keys()].map(async (process) => {
      const tails = await logTails(process);
      if (this.#tails.has(process)) this.#tails.set(process, tails);
    });
    using deadline = new Deadline(LAST_WORDS_TIMEOUT);
    await unlessAborted(Promise.all(kept), deadline.signal).catch(() => {});
  }
}

/** The last part of what is in the logs; nothing if the node is gone meanwhile. */
async function logTails(process: HostProcess): Promise<Tails> {
  const log = await process.log().catch(() => undefined);
  if (!log) return NO_TAILS;
  const tail = (bytes: Uint8Array) => new TextDecoder().decode(bytes.subarray(-EVENT_TAIL));
  return { stdout: tail(log.stdout.bytes), stderr: tail(log.stderr.bytes) };
}
