import type { Identity } from "../identity/identity.ts";
import type { KnownAgent } from "./agent_tls.ts";
import type { LeaseEvents, LeaseRoute } from "./lease_route.ts";
import type { ModuleRoute, RouteAccesses } from "./module_route.ts";
import { TunnelledLeaseRoute } from "./tunnelled_lease_route.ts";

/** An agent that a module leads to: its address is that of the other thread's tunnel. */
export interface RoutedAgent extends KnownAgent {
  /** The way there, for any thread. */
  readonly route: ModuleRoute;
}

/** How it is reached. */
export interface ModuleLeaseRouteOptions {
  /** Who the agent accepts. */
  readonly runner: Identity;
  /** What dials for this thread. */
  readonly accesses: RouteAccesses;
}

/** Leads to an agent by a module, which dials connections for this thread. */
export function moduleLeaseRoute(
  { route, ...agent }: RoutedAgent,
  { runner, accesses }: ModuleLeaseRouteOptions,
  events: LeaseEvents,
): LeaseRoute {
  const dial = (signal: AbortSignal) => accesses.dial(route, signal);
  return new TunnelledLeaseRoute({ agent, runner, dial }, events);
}
