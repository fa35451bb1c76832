import type { Stack as DescribedStack, StackEvent } from "@aws-sdk/client-cloudformation";
import { Deadline } from "../../../../agent/deadline.ts";
import { delay } from "../../../../agent/delay.ts";
import type { Aws } from "../../aws.ts";
import { describeStack } from "../describe_stack.ts";
import type { StackEvents } from "./stack_events.ts";

/** How a change of a stack is followed. */
export interface FollowStackOptions {
  /** Called with everything that happens to the stack and its resources. */
  readonly onEvent?: ((event: StackEvent) => void) | undefined;
  /** Milliseconds between two looks. @default 2000 */
  readonly interval?: number | undefined;
  /** Aborting ends the waiting, and not the change. */
  readonly signal?: AbortSignal | undefined;
}

/** How a change of a stack ended. */
export interface Settled {
  /** `undefined` when it is gone. */
  readonly stack: DescribedStack | undefined;
  /** What failed of it, and why; without what was cancelled because of that. */
  readonly failures: readonly string[];
}

/** Milliseconds that a change may take. */
const LIMIT = 20 * 60_000;

/** Waits until nothing changes any more. */
export async function settle(
  aws: Aws,
  { stackId, events, ...options }: FollowStackOptions & { stackId: string; events: StackEvents },
): Promise<Settled> {
  const { onEvent = () => {}, interval = 2_000 } = options;
  using until = new Deadline(LIMIT, [options.signal]);
  const { signal } = until;
  const failures: string[] = [];
  while (true) {
    const stack = await aws.call(
      "follow the stack",
      ({ abortSignal }) => describeStack(aws.cloudFormation, { name: stackId, abortSignal }),
      { signal },
    );
    // Asked for after the state: whatever led to that state is among them.
    for (const event of await events.next(signal)) {
      onEvent(event);
      failures.push(...failureOf(event));
    }
    const status = stack?.StackStatus ?? "DELETE_COMPLETE";
    if (status === "DELETE_COMPLETE") return { stack: undefined, failures };
    if (!status.endsWith("_IN_PROGRESS")) return { stack, failures };
    await delay(interval, signal);
  }
}

function failureOf(event: StackEvent): string[] {
  const { ResourceStatus: status = "", ResourceStatusReason: reason = "" } = event;
  if (!status.endsWith("_FAILED") || /cancelled/i.test(reason)) return [];
  if (event.PhysicalResourceId === event.StackId) return [];
  return [`${event.LogicalResourceId} (${event.ResourceType}): ${reason}`];
}
