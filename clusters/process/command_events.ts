import type { CommandEnd } from "../events/mod.ts";
import type { NodeContext } from "../calls/mod.ts";

/** Says that a command runs; the result is to be called with how it ended. */
export function announceCommand(
  { emit, name: node, nextId }: NodeContext,
  command: readonly string[],
  pid: number,
): (end: CommandEnd) => void {
  const process = `process${nextId()}`;
  emit({ type: "command-started", node, process, command, pid });
  return (end) => emit({ type: "command-ended", node, process, command, ...end });
}
