import type { AgentHost } from "./agent_host.ts";
import { LeaseKeeper, type LeaseKeeperOptions } from "./lease_keeper.ts";

/** Groups into which the nodes of a cluster fall, so that they are not all served at once. */
const GROUPS = 10;

/** How the leases of agents are kept. */
export interface KeptAgentsOptions {
  /** Milliseconds between two heartbeats to one agent. */
  readonly interval: number;
  /** Milliseconds without a heartbeat until an agent ends: a session whose agent is gone fails after it. */
  readonly timeout: number;
}

/** An agent whose lease is kept. */
export interface KeptAgent extends LeaseKeeperOptions {
  /** The name of its node, if it is that of one. */
  readonly node: string | undefined;
}

/** The agents whose leases this thread keeps, whatever stops the thread of the test. */
export class KeptAgents implements AsyncDisposable {
  readonly #options: KeptAgentsOptions;
  readonly #groups: Set<LeaseKeeper>[] = Array.from({ length: GROUPS }, () => new Set());
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #keepers = new Map<
    number,
    { readonly node: string | undefined; readonly keeper: LeaseKeeper }
  >();

  /** Begins to send heartbeats to those that are added. */
  constructor(options: KeptAgentsOptions) {
    this.#options = options;
    let turn = 0;
    this.#timer = setInterval(() => {
      for (const keeper of this.#groups[turn++ % GROUPS]!) keeper.beat();
    }, options.interval / GROUPS);
  }

  /** Keeps a lease from now on. `id` is unique. Throws what the agent's route does. */
  add(id: number, { node, ...options }: KeptAgent): void {
    const keeper = new LeaseKeeper(options);
    this.#keepers.set(id, { node, keeper });
    this.#groups.reduce((one, other) => other.size < one.size ? other : one).add(keeper);
    keeper.beat();
  }

  /** Stops keeping the lease of an agent. */
  async remove(id: number): Promise<void> {
    const keeper = this.#keepers.get(id)?.keeper;
    this.#keepers.delete(id);
    if (!keeper) return;
    for (const group of this.#groups) group.delete(keeper);
    await keeper[Symbol.asyncDispose]();
  }

  /** Keeps none any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all([...this.#keepers.keys()].map((id) => this.remove(id)));
  }

  /**
   * Opens a session of this thread's own with the agent of a node: it serves while the thread of the
   * test stands at a breakpoint, or is busy. However the agent is reached, by TLS or through a socket.
   * Disposing the result ends what was started through it, and nothing else.
   *
   * @throws {Deno.errors.NotFound} if there is no node of this name.
   * @throws the reason of `signal`, or an error with what the agent says against it.
   */
  async openHost(
    node: string,
    { signal }: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<AgentHost> {
    const kept = [...this.#keepers.values()].findLast((each) => each.node === node);
    if (!kept) {
      throw new Deno.errors.NotFound(`Cannot reach node "${node}": it is not there any more`);
    }
    // Few runners open a session here: the module is loaded with the first one.
    const { AgentHost } = await import("./agent_host.ts");
    const { timeout: patience } = this.#options;
    return await AgentHost.connect((signal) => kept.keeper.dial(signal), { patience, signal });
  }
}
