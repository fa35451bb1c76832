import { strictEqual } from "node:assert/strict";
import type { Node } from "../node/mod.ts";

/** Milliseconds in which nothing arrives that may not. */
export const MOMENT: number = 1_000;

/** Milliseconds in which a connection is made that may be, on a machine that has much else to do. */
const LONG = 20_000;

/** Whether one node connects to another, at a port at which that listens. */
export async function connects(
  from: Node,
  to: Node,
  port: number,
  within: number = MOMENT,
): Promise<boolean> {
  const signal = AbortSignal.timeout(within);
  try {
    await using _connection = await from.connect({ hostname: to.address, port, signal });
    return true;
  } catch (error) {
    if (error === signal.reason) return false;
    throw error;
  }
}

/** Fails unless a connection is made, however busy the machine is. */
export async function mustConnect(from: Node, to: Node, port: number): Promise<void> {
  strictEqual(await connects(from, to, port, LONG), true, `${from.name} does not reach ${to.name}`);
}

/** A port at which a node accepts all connections, and leaves them open. */
export async function listening(node: Node, stack: AsyncDisposableStack): Promise<number> {
  const listener = stack.use(await node.listen({ port: 0 }));
  void (async () => {
    for await (const connection of listener) stack.use(connection);
  })().catch(() => {});
  return (listener.addr as Deno.NetAddr).port;
}
