import { type Cluster, insidesOf as clusterInsides } from "../cluster/mod.ts";
import { insidesOf as nodeInsides, type Node } from "../node/mod.ts";

/** Something that the test waits for. */
interface Awaited {
  /** When it began, as `performance.now()` gives it. */
  readonly started: number;
  /** Gives an error the stack of where the test has begun it. */
  readonly lendStack: (error: Error) => Error;
}

/**
 * What the test waits for at this moment: the call on a node, or the wait for nodes, that was begun last.
 * `undefined` if the cluster knows of none.
 */
export function latestAwaited(cluster: Cluster<never>): Awaited | undefined {
  const { allNodes } = clusterInsides(cluster);
  return allNodes.flatMap(awaitedOn).reduce<Awaited | undefined>(
    (latest, each) => latest && latest.started >= each.started ? latest : each,
    undefined,
  );
}

function awaitedOn(node: Node): Awaited[] {
  const { callsInFlight, waits } = nodeInsides(node);
  const calls = callsInFlight.map(({ call, started }) => ({
    started,
    lendStack: (error: Error) => call.lendStack(error),
  }));
  return [...waits, ...calls];
}
