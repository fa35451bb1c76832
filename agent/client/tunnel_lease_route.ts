import type { Identity } from "../identity/identity.ts";
import type { AgentHost } from "./agent_host.ts";
import { loopbackOf } from "./agent_tunnel.ts";
import type { KnownAgent } from "./agent_tls.ts";
import type { LeaseEvents } from "./lease_route.ts";
import { TunnelledLeaseRoute } from "./tunnelled_lease_route.ts";

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
 * Leads to an agent that only a node reaches: through a session of this thread's own with the agent of the node,
 * so that the lease is kept while the thread of the test stands.
 */
export class TunnelLeaseRoute extends TunnelledLeaseRoute {
  readonly #node: NodeSession;

  constructor(
    agent: TunnelledAgent,
    { runner, openHost }: TunnelLeaseRouteOptions,
    events: LeaseEvents,
  ) {
    const { port, through } = agent;
    const node = new NodeSession(() => openHost(through));
    super({ agent, runner, dial: loopbackOf(() => node.host(), port) }, events);
    this.#node = node;
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    await this.#node[Symbol.asyncDispose]();
  }
}

/** The session with the agent of a node. */
class NodeSession implements AsyncDisposable {
  readonly #open: () => Promise<AgentHost>;
  #host: Promise<AgentHost> | undefined;

  constructor(open: () => Promise<AgentHost>) {
    this.#open = open;
  }

  /** The one that there is, or another one if that was lost. */
  async host(): Promise<AgentHost> {
    const opening = this.#host ??= this.#open();
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

  async [Symbol.asyncDispose](): Promise<void> {
    const host = await this.#host?.catch(() => undefined);
    // The session has started nothing. An orderly end would wait for a node that is paused.
    host?.fail("it is not needed any more");
    await host?.[Symbol.asyncDispose]();
  }
}
