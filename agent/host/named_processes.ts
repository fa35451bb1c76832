import { attempt } from "./attempt.ts";

/** Processes that an error names; of more, it says how many. */
const MAX_NAMED = 10;

/**
 * Names processes in errors, and says what keeps each from its end as far as Linux tells:
 * `12 "sudo" (of user 0), 13 "cat" (in a call of the system that does not return)`.
 */
export function namedProcesses(pids: readonly number[]): string {
  const named = pids.slice(0, MAX_NAMED).map(described).join(", ");
  const more = pids.length - MAX_NAMED;
  return more > 0 ? `${named}, and ${more} more` : named;
}

function described(pid: number): string {
  const status = attempt(() => Deno.readTextFileSync(`/proc/${pid}/status`)) ?? "";
  const field = (name: string) => new RegExp(`^${name}:\\s+(\\S+)`, "m").exec(status)?.[1];
  const [name, state, user] = [field("Name"), field("State"), Number(field("Uid"))];
  if (name === undefined) return `${pid}`;
  const reasons = [
    ...(user !== Deno.uid() ? [`of user ${user}`] : []),
    ...(state === "D" ? ["in a call of the system that does not return"] : []),
  ];
  return `${pid} "${name}"${reasons.length > 0 ? ` (${reasons.join(", ")})` : ""}`;
}
