import type { CommandEnd } from "../events/mod.ts";
import type { AuthorCall, NodeContext } from "../calls/mod.ts";

/** A command that was started. */
interface StartedCommand {
  /** Unique in its cluster. */
  readonly number: number;
  readonly command: readonly string[];
  readonly pid: number;
  readonly user?: string | undefined;
  /** What the test has set of its environment. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly call: Pick<AuthorCall, "places">;
}

/** Says that a command runs; the result is to be called with how it ended. */
export function announceCommand(
  { emit, name: node }: NodeContext,
  { number, command, pid, user, env, call }: StartedCommand,
): (end: CommandEnd & { readonly requested?: true | undefined }) => void {
  const process = `process${number}`;
  emit({
    type: "command-started",
    node,
    process,
    command,
    pid,
    ...user === undefined ? {} : { user },
    ...env === undefined ? {} : { env: Object.keys(env) },
    places: call.places,
  });
  return (end) => emit({ type: "command-ended", node, process, command, ...end });
}
