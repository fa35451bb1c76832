import type { Identity } from "../identity/identity.ts";
import type { Transport } from "../wire/transport.ts";
import type { KnownAgent } from "./agent_tls.ts";
import { AgentTunnel, type TunnelTarget } from "./agent_tunnel.ts";
import type { LeaseEvents, LeaseRoute } from "./lease_route.ts";
import { TlsLeaseRoute } from "./tls_lease_route.ts";

/** What a tunnel of this thread leads to. */
export interface TunnelledLease {
  /** Its address is that of another tunnel, or of the other end. */
  readonly agent: KnownAgent;
  /** Who the agent accepts. */
  readonly runner: Identity;
  /** Opens a connection to the agent. */
  readonly dial: TunnelTarget["dial"];
}

/** Leads to an agent over TLS, through a tunnel of this thread's own, which works while the test's thread stands. */
export class TunnelledLeaseRoute implements LeaseRoute {
  readonly #tunnel: AgentTunnel;
  readonly #inner: TlsLeaseRoute;

  constructor({ agent, runner, dial }: TunnelledLease, events: LeaseEvents) {
    this.#tunnel = AgentTunnel.open({ dial });
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
