import type { Identity } from "../identity/identity.ts";
import type { Transport } from "../wire/transport.ts";
import type { KnownAgent } from "./agent_tls.ts";
import { AgentTunnel } from "./agent_tunnel.ts";
import type { LeaseEvents, LeaseRoute } from "./lease_route.ts";
import type { ModuleRoute, RouteAccesses } from "./module_route.ts";
import { TlsLeaseRoute } from "./tls_lease_route.ts";

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

/** To an agent that a module leads to: by connections that this thread has dialled itself. */
export class ModuleLeaseRoute implements LeaseRoute {
  readonly #tunnel: AgentTunnel;
  readonly #inner: TlsLeaseRoute;

  constructor(
    { route, ...agent }: RoutedAgent,
    { runner, accesses }: ModuleLeaseRouteOptions,
    events: LeaseEvents,
  ) {
    this.#tunnel = AgentTunnel.open({ dial: (signal) => accesses.dial(route, signal) });
    this.#inner = new TlsLeaseRoute({ ...agent, ...this.#tunnel.route }, runner, events);
  }

  connect(): void {
    this.#inner.connect();
  }

  async dial(signal: AbortSignal): Promise<Transport> {
    return await this.#inner.dial(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
    await this.#tunnel[Symbol.asyncDispose]();
  }
}
