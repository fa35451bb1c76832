import { allOrNone, InFlight } from "../concurrency/mod.ts";
import type { ProvidedNode } from "./backend.ts";
import { giveBack } from "./give_back.ts";

/** How nodes are obtained. */
export interface Obtaining<P, N> {
  /** Makes the node of a plan. Rejects, and leaves nothing, when `signal` aborts. */
  readonly make: (plan: P, signal: AbortSignal) => Promise<N>;
  /** Aborting it gives the nodes of this call up. */
  readonly signal: AbortSignal;
  /** Called when a node is there, although others of the call may yet fail. */
  readonly onLaunched?: (() => void) | undefined;
  /** Does what all nodes are told, with the new ones among them, before the call resolves. */
  readonly onObtained?: ((all: readonly N[]) => Promise<void>) | undefined;
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

  /** Makes a node for each plan, all at the same time; if one fails, the others are destroyed. */
  obtain<P>(plans: readonly P[], how: Obtaining<P, N>): Promise<N[]> {
    return this.#obtaining.track(this.#obtain(plans, how));
  }

  /** Gives all of it back, and throws what failed. What was begun is not done again. */
  giveBack(how: GivingBack): Promise<void> {
    return this.#givenBack ??= this.#giveBack(how);
  }

  async #obtain<P>(
    plans: readonly P[],
    { make, signal, onLaunched, onObtained }: Obtaining<P, N>,
  ): Promise<N[]> {
    const nodes = await allOrNone(plans, {
      signals: [signal, this.#over],
      make: async (plan, either) => {
        const node = await make(plan, either);
        onLaunched?.();
        return node;
      },
      undo: (node: N) => node.destroy(),
    });
    for (const node of nodes) this.#nodes.add(node);
    await onObtained?.([...this.#nodes]);
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
