import { type AuthorCall, type NodeContext, SourceFailure } from "../calls/mod.ts";

/** Two nodes, and a call on each. */
export interface NodePair {
  readonly from: NodeContext;
  readonly to: NodeContext;
  /** The author's. */
  readonly call: AuthorCall;
  /** The same for the second node; its signal also aborts when the first node is lost. */
  readonly there: AuthorCall;
}

/**
 * Does work on two nodes, which is aborted when either ends. Each error is explained by the node that it
 * comes from: errors of the first node are `SourceFailure`s.
 */
export async function betweenNodes(
  { from, to, call, there }: NodePair,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  // The call belongs to the current uptime of each node: a kill ends it, though the node may come back.
  const [life, otherLife] = [from.life, to.life];
  let ofFirst: SourceFailure | undefined;
  const noted = async (signal: AbortSignal) => {
    try {
      await work(signal);
    } catch (error) {
      if (error instanceof SourceFailure) ofFirst = error;
      throw error;
    }
  };
  await life.during(call, async () => {
    try {
      await otherLife.during(there, noted);
    } catch (error) {
      if (ofFirst || life.signal.aborted) throw error;
      // The other node has explained it.
      throw new SourceFailure(error);
    }
  });
}
