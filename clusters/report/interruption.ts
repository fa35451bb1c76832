import type { RunIndex } from "../record/mod.ts";
import { listOf } from "./event_facts.ts";

/** Characters of the command line that are shown. */
const MAX_COMMAND = 200;

/**
 * What is known of the end of the process that ran a test, and not more: nobody here is its parent, so only
 * what has started it knows by which status or signal it has ended. `noticed` is when the guardian has
 * recorded that, in milliseconds from the start of the run.
 */
export function interruptionText(
  { owner, command }: Pick<RunIndex, "command" | "owner">,
  noticed: number | undefined,
): string {
  const line = listOf(command).join(" ");
  const shown = line.length > MAX_COMMAND ? `${line.slice(0, MAX_COMMAND - 1)}…` : line;
  const told = noticed === undefined
    ? "Nobody has recorded when that was: the guardian was gone as well, or has not come to it."
    : `The guardian noticed that ${(noticed / 1000).toFixed(3)} s after the start of the run.`;
  return [
    `The process that ran the test has ended before the test did: process ${owner.pid}, ${shown}`,
    told,
    "How it has ended is known to what has started it, such as a shell or a CI job, by its status: " +
    "130 is SIGINT, 143 SIGTERM, 137 SIGKILL, as when memory ran out; any other is its own.",
  ].join("\n");
}
