/**
 * How the tasks for AWS talk to their terminal.
 *
 * @module
 */
import type { StackEvent } from "@aws-sdk/client-cloudformation";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import type { Aws } from "../clusters/aws/aws.ts";

/** The options of a task that makes or removes a stack, for `parseArgs`. */
export const STACK_OPTIONS = {
  region: { type: "string" },
  profile: { type: "string" },
  "stack-name": { type: "string" },
  yes: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** The account, who acts in it, and the region. */
export async function accountLine(aws: Aws): Promise<string> {
  const { Account, Arn } = await aws.call(
    "tell whose account this is",
    (options) => aws.sts.send(new GetCallerIdentityCommand(), options),
  );
  return `Account ${Account} (as ${Arn}), region ${aws.region}`;
}

/** A line for what happened to a resource of a stack; nothing for what only begins. */
export function shownEvent(event: StackEvent): string {
  const { ResourceStatus: status = "", ResourceStatusReason: reason } = event;
  if (status.endsWith("_IN_PROGRESS")) return "";
  const name = `${event.LogicalResourceId} (${event.ResourceType})`;
  return `  ${status.padEnd(16)} ${name}${reason ? `: ${reason}` : ""}\n`;
}

/** Whether to go on: the option `--yes`, or a yes at the terminal. */
export function confirmed(yes = false): boolean {
  if (yes) return true;
  if (Deno.stdin.isTerminal()) return confirm("Go on?");
  throw new Error("Cannot ask whether to go on: this is not a terminal. Say so with --yes");
}
