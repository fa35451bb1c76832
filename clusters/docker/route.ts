import type { AgentRoute } from "../../agent/client/fleet.ts";
import type { Engine } from "./engine/engine.ts";

/** A way to a port of the engine's machine; disposing it gives back what it took. */
export interface Route extends AsyncDisposable {
  readonly route: AgentRoute;
}

/** Addresses at which only programs of the engine's own machine reach a port. */
const LOOPBACK = "127.0.0.1";

/** Whether an engine's machine is this one, as far as the address tells. */
function isLocal({ endpoint }: Engine): boolean {
  return endpoint.kind === "unix" || endpoint.kind === "tcp" && isLoopback(endpoint.hostname);
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/**
 * The address at which an engine has to publish a port so that this runner reaches it: loopback, if
 * that is this machine's or behind a login.
 */
export function publishingAddress(engine: Engine): string {
  return isLocal(engine) || engine.endpoint.kind === "ssh" ? LOOPBACK : "0.0.0.0";
}

/** Opens a way to a port that an engine has published. */
export async function openRoute(
  engine: Engine,
  port: number,
  signal: AbortSignal,
): Promise<Route> {
  if (engine.endpoint.kind === "ssh") return await tunnel(engine, port, signal);
  const hostname = engine.endpoint.kind === "unix" || isLocal(engine)
    ? LOOPBACK
    : engine.endpoint.hostname;
  return directRoute({ hostname, port });
}

/** A way that is there by itself. */
export function directRoute(route: { readonly hostname: string; readonly port: number }): Route {
  return { route, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function tunnel(engine: Engine, port: number, signal: AbortSignal): Promise<Route> {
  const forwarded = await engine.forward(port, signal);
  return {
    route: { hostname: LOOPBACK, port: forwarded.port },
    [Symbol.asyncDispose]: () => forwarded[Symbol.asyncDispose](),
  };
}
