import type { Identity } from "../identity/identity.ts";
import type { Transport } from "../wire/transport.ts";
import type { AgentHost } from "./agent_host.ts";
import { AgentTunnel, loopbackOf } from "./agent_tunnel.ts";
import type { KnownAgent } from "./agent_tls.ts";
import type { LeaseEvents, LeaseRoute } from "./lease_route.ts";
import { TlsLeaseRoute } from "./tls_lease_route.ts";

/** An agent at a port of a node's loopback: its address is that of the node's own view. */
export interface TunnelledAgent extends KnownAgent {
  /** The name of the node, whose agent leads to it. */
  readonly through: string;
}

/** How it is reached. */
export interface TunnelLeaseRouteOptions {
  /** Who the agent accepts. */
  readonly runner: Identity;
  /** Opens a session of this thread's own with the agent of a node. */
  readonly openHost: (node: string) => Promise<AgentHost>;
}

/**
 * To an agent that only a node reaches: through a session of this thread's own with the agent of the node,
 * so that the lease is kept while the thread of the test stands.
 */
export class TunnelLeaseRoute implements LeaseRoute {
  readonly #openHost: () => Promise<AgentHost>;
  readonly #tunnel: AgentTunnel;
  readonly #inner: TlsLeaseRoute;
  #host: Promise<AgentHost> | undefined;

  constructor(
    agent: TunnelledAgent,
    { runner, openHost }: TunnelLeaseRouteOptions,
    events: LeaseEvents,
  ) {
    const { port, through } = agent;
    this.#openHost = () => openHost(through);
    this.#tunnel = AgentTunnel.open({ dial: loopbackOf(() => this.#hostThere(), port) });
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
    const host = await this.#host?.catch(() => undefined);
    // Nothing is left to be ended over there, and a node that is paused would be waited for.
    host?.fail("it is not needed any more");
    await host?.[Symbol.asyncDispose]();
  }

  /** The session that there is, or another one if that was lost. */
  async #hostThere(): Promise<AgentHost> {
    const opening = this.#host ??= this.#openHost();
    const forget = () => {
      if (this.#host === opening) this.#host = undefined;
    };
    try {
      const host = await opening;
      host.lost.then(forget);
      return host;
    } catch (error) {
      forget();
      throw error;
    }
  }
}
