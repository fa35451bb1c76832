import { allOrNone, InFlight } from "../concurrency/mod.ts";
import type { ProvidedNode } from "./provided_node.ts";
import { giveBack } from "./give_back.ts";

/** How nodes are obtained: `M` is what is made of one plan, a node or several. */
export interface Obtaining<P, N, M = N> {
  /** Makes what a plan says. Rejects, and leaves nothing, when `signal` aborts. */
  readonly make: (plan: P, signal: AbortSignal) => Promise<M>;
  /** Aborting it gives the nodes of this call up. */
  readonly signal: AbortSignal;
  /** Does what all nodes are told, with the new ones among them, before the call resolves. */
  readonly onObtained?: ((all: readonly N[]) => Promise<void>) | undefined;
}

/** How nodes are obtained one by one. */
export interface ObtainingEach<P, N> extends Obtaining<P, N> {
  /** Called when a node is there, although others of the call may yet fail. */
  readonly onLaunched?: (() => void) | undefined;
}

/** What is given back with nodes. */
export interface GivingBack {
  /** Is waited for first, when no node is being made any more. */
  readonly settle: () => Promise<unknown>;
  /** Taken one after the other once the nodes are destroyed, whatever fails. */
  readonly steps: readonly (() => unknown)[];
  /** Closes what all of it needs, whatever has failed. */
  readonly close: () => unknown;
}

/** The nodes of a provider: calls that obtain some may overlap, and all are given back once. */
export class ProviderNodes<N extends ProvidedNode> {
  readonly #over: AbortSignal;
  readonly #nodes = new Set<N>();
  readonly #obtaining = new InFlight();
  #givenBack: Promise<void> | undefined;

  /** Aborting `over`, the signal of the cluster, gives up all nodes that are being made. */
  constructor(over: AbortSignal) {
    this.#over = over;
  }

  /** All that were obtained, also those that are gone. */
  get all(): readonly N[] {
    return [...this.#nodes];
  }

  /** Makes a node for each plan, all at the same time; if one fails, the others are destroyed. */
  obtain<P>(
    plans: readonly P[],
    { make, onLaunched, ...how }: ObtainingEach<P, N>,
  ): Promise<N[]> {
    const makeOne = async (plan: P, signal: AbortSignal): Promise<[N]> => {
      const node = await make(plan, signal);
      onLaunched?.();
      return [node];
    };
    return this.obtainGroups(plans, { ...how, make: makeOne });
  }

  /** Makes some nodes for each plan, all at the same time; if one plan fails, the nodes of others are destroyed. */
  obtainGroups<P>(plans: readonly P[], how: Obtaining<P, N, readonly N[]>): Promise<N[]> {
    return this.#obtaining.track(this.#obtain(plans, how));
  }

  /** Gives all of it back, and throws what failed. What was begun is not done again. */
  giveBack(how: GivingBack): Promise<void> {
    return this.#givenBack ??= this.#giveBack(how);
  }

  async #obtain<P>(
    plans: readonly P[],
    { make, signal, onObtained }: Obtaining<P, N, readonly N[]>,
  ): Promise<N[]> {
    const groups = await allOrNone(plans, {
      signals: [signal, this.#over],
      make,
      undo: (nodes) => Promise.allSettled(nodes.map((node) => node.destroy())),
    });
    const nodes = groups.flat();
    for (const node of nodes) this.#nodes.add(node);
    await onObtained?.(this.all);
    return nodes;
  }

  async #giveBack({ settle, steps, close }: GivingBack): Promise<void> {
    await this.#obtaining.settled();
    await settle();
    try {
      await giveBack(this.#nodes, steps);
    } finally {
      await close();
    }
  }
}
