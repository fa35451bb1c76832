import type { Host, HostProcess, OutputFeed } from "../host/host.ts";
import type { Shape } from "../wire/shape.ts";
import type { ConnectionQueue } from "./connection_queue.ts";
import type { ServedChannel } from "./served_channel.ts";

/** What an operation has to work with. */
export interface OperationContext {
  readonly host: Host;
  readonly channel: ServedChannel;
  /** The processes of this session, by the channel that started each. */
  readonly processes: Map<number, HostProcess>;
  /** What brings the outputs of this session's processes, while the runner follows them. */
  readonly feed: { current?: OutputFeed | undefined };
  /** The listeners of this session, by the channel that opened each. */
  readonly listeners: Map<number, ConnectionQueue>;
}

/**
 * Does what a runner asks for. What it resolves to is the result; it lasts as long as its channel
 * has something to do, and it ends soon after the runner has closed.
 */
export type Operation = (context: OperationContext, args: unknown) => Promise<unknown>;

/** An operation whose arguments are checked before anything is done. */
export function operation<A>(
  shape: Shape<A>,
  run: (context: OperationContext, args: A) => Promise<unknown>,
): Operation {
  return async (context, args) => await run(context, shape(args, "args"));
}
