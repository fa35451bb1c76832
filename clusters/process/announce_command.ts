import type { CommandEnd } from "../events/mod.ts";
import type { NodeContext } from "../calls/mod.ts";

/** A command that was started. */
interface StartedCommand {
  /** Unique in its cluster. */
  readonly number: number;
  readonly command: readonly string[];
  readonly pid: number;
}

/** Says that a command runs; the result is to be called with how it ended. */
export function announceCommand(
  { emit, name: node }: NodeContext,
  { number, command, pid }: StartedCommand,
): (end: CommandEnd) => void {
  const process = `process${number}`;
  emit({ type: "command-started", node, process, command, pid });
  return (end) => emit({ type: "command-ended", node, process, command, ...end });
}
