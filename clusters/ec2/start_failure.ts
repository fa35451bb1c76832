import {
  type Aws,
  DEFAULT_STACK_NAME,
  type Instance,
  type Stack,
  stackCommand,
} from "../aws/mod.ts";
import { consoleTail } from "./console_tail.ts";
import type { FailedStart } from "../machines/mod.ts";

/** An instance ended before its agent answered. */
export class InstanceEndedError extends Error {
  override readonly name = "InstanceEndedError";

  constructor({ state, reason }: Instance) {
    super(`its instance is ${state}${reason === undefined ? "" : `: ${reason}`}`);
  }
}

/** A node that did not come up. */
export interface FailedInstance extends FailedStart {
  /** What was seen last of its instance. */
  readonly instance: Instance | undefined;
  /** Why the last look at instances failed, if it did. */
  readonly lookFailure?: Error | undefined;
  /** Milliseconds that it had. */
  readonly startTimeout: number;
  /** The stack whose security group decides from where the agent is reached; none with another group. */
  readonly guard: Pick<Stack, "name" | "runnerCidr"> | undefined;
}

/** The error for a node that did not come up, with all that is known of its instance. */
export async function startFailure(aws: Aws, failed: FailedInstance): Promise<Error> {
  const { id, name, cause } = failed;
  const state = cause instanceof InstanceEndedError ? [] : [stateOf(failed)];
  const lines = [...state, ...lockedOutBy(aws, failed), ...await consoleTail(aws, id)];
  const message = `Cannot start node "${name}" on ${id}: ${reasonOf(failed)}`;
  return new Error([message, ...lines].join("\n  "), { cause });
}

function reasonOf({ cause, startTimeout }: FailedInstance): string {
  const { name, message, cause: deeper } = cause as Error;
  if (name !== "TimeoutError") return message;
  const last = deeper instanceof Error ? ` (${deeper.message})` : "";
  return `its agent did not answer within ${startTimeout / 1000} s${last}`;
}

/** A security group drops what it does not let in: attempts to connect are never answered. */
function lockedOutBy(
  { region, profile }: Aws,
  { cause, instance, guard }: FailedInstance,
): readonly string[] {
  const { name, cause: last } = cause as Error;
  const isSilent = name === "TimeoutError" && (last as Error | undefined)?.name === "TimeoutError";
  if (!isSilent || instance?.state !== "running" || guard?.runnerCidr === undefined) return [];
  const stackName = guard.name === DEFAULT_STACK_NAME ? undefined : guard.name;
  const command = stackCommand("setup", { region, profile, stackName });
  return [
    `nothing has answered at its address: the stack lets in only ${guard.runnerCidr}; if this ` +
    `machine has another address now, say so with \`${command} --cidr ADDRESS/32\``,
  ];
}

function stateOf({ instance, lookFailure }: FailedInstance): string {
  if (instance === undefined && lookFailure !== undefined) return lookFailure.message;
  if (instance === undefined) return "EC2 does not show its instance yet";
  const { state, reason } = instance;
  return `its instance is ${state}${reason === undefined ? "" : `: ${reason}`}`;
}
