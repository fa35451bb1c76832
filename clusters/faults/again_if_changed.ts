import { unlessAborted } from "../concurrency/mod.ts";
import { insidesOf, type Node, type NodeInsides } from "../node/mod.ts";

/** How often work is done, at most, on nodes that the test goes on to change. */
const MAX_TRIES = 5;

/** What is to be known of a node: whether it is gone, and what the test does to it. */
export type ChangingNode = Pick<Node, "signal"> & Pick<NodeInsides, "changes" | "settled">;

/** A node as {@linkcode againIfChanged} sees it. */
export function changingNode(node: Node): ChangingNode {
  const { changes, settled } = insidesOf(node);
  return { signal: node.signal, changes, settled };
}

/**
 * Does work on nodes; again, if it has failed while one of them went, or was killed, started, paused or
 * resumed: what it met then is neither how the nodes were nor how they are.
 */
export async function againIfChanged<T>(
  work: () => Promise<T>,
  { nodes, signal }: {
    /** Those that there are now. */
    readonly nodes: () => readonly ChangingNode[];
    readonly signal: AbortSignal;
  },
): Promise<T> {
  let tries = 0;
  for (;;) {
    const present = nodes().filter(({ signal }) => !signal.aborted);
    const before = present.map((node) => ({ node, ended: node.changes.ended }));
    try {
      return await work();
    } catch (error) {
      if (signal.aborted) throw error;
      const changed = before.filter(({ node, ended }) => node.changes.begun !== ended);
      const isAnyGone = present.some(({ signal }) => signal.aborted);
      if (!isAnyGone && (changed.length === 0 || ++tries === MAX_TRIES)) throw error;
      // A start is not waited for: it waits for the turn of the faults.
      await unlessAborted(Promise.all(changed.map(({ node }) => node.settled())), signal);
    }
  }
}
