import type { AuthorCall, NodeContext } from "../calls/mod.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import { checkPort } from "./check_port.ts";
import { WAIT_KINDS, waitForService, type WaitOptions } from "./wait_for_service.ts";

/** Milliseconds that a connection may take to be made: where packets are dropped, it is tried anew. */
const DIAL_TIMEOUT = 2_000;

/** How long a port is waited for, and whose. */
export interface WaitForPortOptions extends WaitOptions {
  /** A name or address, as the node sees it. @default the node itself */
  readonly hostname?: string | undefined;
}

/** Of `waitForPort`. */
export const WAIT_FOR_PORT_KINDS: OptionKinds<WaitForPortOptions> = {
  ...WAIT_KINDS,
  hostname: kinds.text,
};

/** Waits for `node.waitForPort` until a connection to a port is accepted. */
export async function waitForPort(
  context: NodeContext,
  call: AuthorCall,
  { port, options }: { readonly port: number; readonly options: WaitForPortOptions },
): Promise<void> {
  call.check(() => checkPort(port, 1));
  const { hostname } = options;
  const target = { transport: "tcp", port, ...hostname === undefined ? {} : { hostname } } as const;
  const state = "no connection was accepted";
  const wait = { call, state, tryTimeout: DIAL_TIMEOUT, options };
  await waitForService(context, wait, async (signal) => {
    const connection = await context.host().network.dial(target, { signal });
    await connection[Symbol.asyncDispose]();
  });
}
