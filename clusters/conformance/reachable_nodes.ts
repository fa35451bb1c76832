import type { Node } from "../node/mod.ts";

/** Milliseconds in which nothing arrives that may not. */
export const MOMENT: number = 400;

/** Whether one node connects to another, at a port at which that listens. */
export async function connects(from: Node, to: Node, port: number): Promise<boolean> {
  const signal = AbortSignal.timeout(MOMENT);
  try {
    await using _connection = await from.connect({ hostname: to.address, port, signal });
    return true;
  } catch (error) {
    if (error === signal.reason) return false;
    throw error;
  }
}

/** A port at which a node accepts all connections, and leaves them open. */
export async function listening(node: Node, stack: AsyncDisposableStack): Promise<number> {
  const listener = stack.use(await node.listen({ port: 0 }));
  void (async () => {
    for await (const connection of listener) stack.use(connection);
  })().catch(() => {});
  return (listener.addr as Deno.NetAddr).port;
}
