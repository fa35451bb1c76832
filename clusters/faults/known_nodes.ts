import type { Node } from "../node/mod.ts";
import type { NetworkLink } from "./network_links.ts";

/**
 * The nodes that the faults which there are know of. One that is being added is unknown until its turn: to
 * a fault of `"outside"` it is outside until then, and to one that isolates nodes it is no other one.
 */
export class KnownNodes {
  readonly #known = new WeakSet<Node>();

  /** Updates faults to these nodes, which they know then. */
  async learn(nodes: readonly Node[], update: () => Promise<void>): Promise<void> {
    await update();
    for (const node of nodes) this.#known.add(node);
  }

  /** Whether both ends are known. */
  hasEndsOf({ from, to }: NetworkLink): boolean {
    return [from, to].every((end) => end === "outside" || this.#known.has(end));
  }
}
