import { notImplemented } from "./aws_error.ts";
import type { CallContext } from "./wire_request.ts";

/** An operation that the local AWS does. */
export interface Operation {
  run(input: object, context: CallContext): Promise<object>;
}

/**
 * An operation that takes the members of its input that are named. Others are refused, for to leave
 * out in silence what a test relies on would make it pass in vain.
 */
export function operation<I extends object, O extends object>(
  takes: readonly (keyof I & string)[],
  handle: (input: I, context: CallContext) => O | Promise<O>,
): Operation {
  const known = new Set<string>(takes);
  return {
    async run(input, context) {
      const unknown = Object.keys(input).find((name) => !known.has(name));
      if (unknown !== undefined) throw notImplemented(`the parameter "${unknown}" of this action`);
      return await handle(input as I, context);
    },
  };
}

/** The operations of a service, by name. */
export type Operations = Readonly<Record<string, Operation>>;
