import { ExitCode } from "../../agent/command_line.ts";
import type { LossReason } from "./backend.ts";
import type { MemoryAmount } from "./memory_amount.ts";

/** How a container ended, as far as is known. */
export interface ContainerEnd {
  readonly exitCode: number | undefined;
  /** Whether the kernel killed something in it for want of memory. */
  readonly outOfMemory: boolean;
}

/** Signals by which containers are usually ended, by the exit code that shows them. */
const SIGNALS: Readonly<Record<number, string>> = {
  130: "SIGINT",
  134: "SIGABRT",
  137: "SIGKILL",
  139: "SIGSEGV",
  143: "SIGTERM",
};

/** What an agent says by the code that its container ends with. */
const ENDS_OF_AGENTS: Readonly<Record<number, string>> = {
  [ExitCode.lease]: "its agent heard nothing from the test for as long as its lease, and ended",
  [ExitCode.unreachable]: "its agent could not reach this program's sockets",
  [ExitCode.maxLife]: "its agent came to the end of the longest life that it may have",
};

/** Why a node is gone whose container has ended. */
export function explainEnd(
  { exitCode, outOfMemory }: ContainerEnd,
  { memory, log }: { memory: MemoryAmount | undefined; log: readonly string[] },
): LossReason {
  return { summary: summarize(exitCode, outOfMemory, memory), details: logDetails(log) };
}

function summarize(
  exitCode: number | undefined,
  outOfMemory: boolean,
  memory: MemoryAmount | undefined,
): string {
  if (exitCode === undefined) return "its container has ended";
  const signal = SIGNALS[exitCode];
  if (outOfMemory && signal === "SIGKILL") {
    const limit = memory === undefined ? "its machine has" : `its limit of ${memory} allows`;
    return `its container was killed because it needed more memory than ${limit} (out of memory)`;
  }
  const end = ENDS_OF_AGENTS[exitCode];
  if (end !== undefined) return `${end} (exit code ${exitCode})`;
  return signal === undefined
    ? `its container ended with exit code ${exitCode}`
    : `its container was ended by ${signal} (exit code ${exitCode})`;
}

/** The last lines of an agent's log, as the details of a loss or of an error. */
export function logDetails(log: readonly string[]): string[] {
  return log.length === 0
    ? []
    : ["the last lines of its agent:", ...log.map((line) => `  ${line}`)];
}
