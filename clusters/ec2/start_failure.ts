import type { Aws } from "./api/aws.ts";
import { consoleTail } from "./console_tail.ts";
import type { Instance } from "./instance.ts";

/** An instance ended before its agent answered. */
export class InstanceEndedError extends Error {
  override readonly name = "InstanceEndedError";

  constructor({ state, reason }: Instance) {
    super(`its instance is ${state}${reason === undefined ? "" : `: ${reason}`}`);
  }
}

/** A node that did not come up. */
export interface FailedStart {
  readonly id: string;
  readonly name: string;
  /** What was seen last of its instance. */
  readonly instance: Instance | undefined;
  readonly cause: unknown;
  /** Milliseconds that it had. */
  readonly startTimeout: number;
}

/** The error for a node that did not come up, with all that is known of its instance. */
export async function startFailure(aws: Aws, failed: FailedStart): Promise<Error> {
  const { id, name, instance, cause } = failed;
  const state = cause instanceof InstanceEndedError ? [] : [stateOf(instance)];
  const lines = [...state, ...await consoleTail(aws, id)];
  const message = `Cannot start node "${name}" on ${id}: ${reasonOf(failed)}`;
  return new Error([message, ...lines].join("\n  "), { cause });
}

function reasonOf({ cause, startTimeout }: FailedStart): string {
  const { name, message, cause: deeper } = cause as Error;
  if (name !== "TimeoutError") return message;
  const last = deeper instanceof Error ? ` (${deeper.message})` : "";
  return `its agent did not answer within ${startTimeout / 1000} s${last}`;
}

function stateOf(instance: Instance | undefined): string {
  if (instance === undefined) return "EC2 does not show its instance yet";
  const { state, reason } = instance;
  return `its instance is ${state}${reason === undefined ? "" : `: ${reason}`}`;
}
