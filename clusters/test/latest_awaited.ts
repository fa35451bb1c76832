import { type Cluster, insidesOf as clusterInsides } from "../cluster/mod.ts";
import type { OpenWait } from "../concurrency/mod.ts";
import { insidesOf as nodeInsides, type Node } from "../node/mod.ts";

/**
 * What the test waits for at this moment: the call on a node, the wait for nodes, the end of a process or the
 * step that was begun last. `undefined` if the cluster knows of none.
 */
export function latestAwaited(cluster: Cluster<never>): OpenWait | undefined {
  const { allNodes, steps } = clusterInsides(cluster);
  return [...steps, ...allNodes.flatMap(awaitedOn)].reduce<OpenWait | undefined>(
    (latest, each) => latest && latest.started >= each.started ? latest : each,
    undefined,
  );
}

function awaitedOn(node: Node): OpenWait[] {
  const { callsInFlight, waits } = nodeInsides(node);
  const calls = callsInFlight.map(({ call, started }) => ({
    started,
    lendStack: (error: Error) => call.lendStack(error),
  }));
  return [...waits, ...calls];
}
