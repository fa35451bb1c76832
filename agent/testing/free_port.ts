import { closeAndRelease } from "../host/sockets/released_port.ts";

/**
 * A port of 127.0.0.1 at which nobody listens. Closing a listener alone does not make it one: what other
 * tests of this process start at that moment has the socket as well, and accepts connections for it.
 */
export async function freePort(): Promise<number> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await closeAndRelease(listener.addr, () => listener.close());
  return listener.addr.port;
}
