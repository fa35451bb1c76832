import type { Fleet } from "../../agent/client/fleet.ts";
import type { ClusterContext } from "./backend.ts";

/**
 * The fleet of a cluster's agents, which emits what it notices as events of the cluster. Of a cluster over
 * several backends it is a branch of the one that they share.
 */
export async function createFleet(context: ClusterContext): Promise<Fleet> {
  const { heartbeat, emit, signal, sharedFleet } = context;
  if (sharedFleet) return (await sharedFleet()).branch();
  // What speaks to agents is loaded when there are any to be.
  const { Fleet } = await import("../../agent/client/fleet.ts");
  return Fleet.create({
    heartbeat,
    signal,
    onClock: (node, clock) => emit({ type: "node-clock", node, ...clock }),
    onHeartbeatFailure: (message, renewed) => {
      const what = renewed === undefined ? "Sending heartbeats failed" : `Cannot renew ${renewed}`;
      emit({ type: "warning", message: `${what}: ${message}` });
    },
  });
}
