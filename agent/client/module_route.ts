import type { TunnelConnection } from "./agent_tunnel.ts";

/**
 * How an agent is reached that has no address here: by a module, which both the thread of the test and
 * the one that keeps leases load, since connections cannot change threads.
 */
export interface ModuleRoute {
  /** URL of the module, which is a {@linkcode RouteModule}. */
  readonly module: string;
  /** What leads to all agents of a kind: a service and how one logs in there, say. JSON, without secrets. */
  readonly access: unknown;
  /** Which agent it is. JSON. */
  readonly target: unknown;
}

/** What such a module exports. */
export interface RouteModule {
  /** Makes ready to dial. It is called once in each thread for the same `access`. */
  openAccess(access: unknown): Promise<RouteAccess>;
}

/** What dials agents. Disposing it ends the connections that it has opened. */
export interface RouteAccess extends AsyncDisposable {
  /** Opens a connection to the agent `target`; rejects when `signal` aborts. */
  dial(target: unknown, signal: AbortSignal): Promise<TunnelConnection>;
}

/** What dials agents by modules: what leads to several is opened once. */
export class RouteAccesses implements AsyncDisposable {
  readonly #opened = new Map<string, Promise<RouteAccess>>();

  /** Opens a connection to an agent; rejects when `signal` aborts. */
  async dial(route: ModuleRoute, signal: AbortSignal): Promise<TunnelConnection> {
    const access = await this.#open(route);
    signal.throwIfAborted();
    return await access.dial(route.target, signal);
  }

  /** Ends all connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    const opened = [...this.#opened.values()];
    this.#opened.clear();
    const ends = opened.map(async (each) => {
      const access = await each.catch(() => undefined);
      await access?.[Symbol.asyncDispose]();
    });
    await Promise.all(ends);
  }

  #open({ module, access }: ModuleRoute): Promise<RouteAccess> {
    const key = JSON.stringify([module, access]);
    const known = this.#opened.get(key);
    if (known) return known;
    const opening = openAccess(module, access);
    this.#opened.set(key, opening);
    // What could not be opened may be later.
    opening.catch(() => this.#opened.delete(key));
    return opening;
  }
}

async function openAccess(module: string, access: unknown): Promise<RouteAccess> {
  const { openAccess } = await import(module) as RouteModule;
  return await openAccess(access);
}
