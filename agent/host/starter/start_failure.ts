/** What the starter was doing when something failed, by its number there (`start.c`). */
const STEPS = [
  ...["report", "session", "terminal", "stdin", "stdout", "stderr"] as const,
  ...["groups", "gid", "uid", "cwd", "command"] as const,
];

/** One of the things that are done to start a process. */
export type StartStep = typeof STEPS[number];

/** Why a process could not be started, and with what. */
export interface StartFailure {
  readonly step: StartStep;
  /** The number of the error, as Linux counts them. */
  readonly error: number;
  /** The file in question; there is none if no command was found. */
  readonly path?: string | undefined;
}

/** Reads what the starter reported: nothing when all went well. */
export function readStartFailure(report: Uint8Array<ArrayBuffer>): StartFailure | undefined {
  if (report.length < 8) return undefined;
  const view = new DataView(report.buffer, report.byteOffset);
  const step = STEPS[view.getUint32(0, true)];
  if (step === undefined) throw new Error("Cannot start a process: the starter reports nonsense");
  const path = new TextDecoder().decode(report.subarray(8));
  return { step, error: view.getUint32(4, true), path: path === "" ? undefined : path };
}
