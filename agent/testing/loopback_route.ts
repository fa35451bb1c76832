/**
 * A way to agents that a backend might have: ports of this machine's loopback.
 *
 * @module
 */
import { closeUnlessClosed } from "../close_unless_closed.ts";
import type { RouteAccess } from "../client/module_route.ts";

/** As a module of routes exports it; `access` names the port of a service by which it is allowed. */
export async function openAccess(access: unknown): Promise<RouteAccess> {
  const door = await Deno.connect({ port: (access as { port: number }).port });
  return {
    dial: async (target) => {
      const connection = await Deno.connect({ port: target as number });
      const { readable, writable } = connection;
      return { readable, writable, reset: () => Promise.resolve(closeUnlessClosed(connection)) };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(door.close()),
  };
}
