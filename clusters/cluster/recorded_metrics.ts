/** Says whether metrics are recorded. */
const VARIABLE = "CLUSTERTEST_METRICS";

/** Nodes of a cluster whose samples come one by one. */
const FEW = 100;

/** Samples of a node that are sent together at most, however many nodes there are. */
const MAX_BATCH = 10;

/** Whether metrics of nodes are recorded, as the environment says. */
export function recordsMetrics(): boolean {
  const value = Deno.env.get(VARIABLE) || "on";
  if (value === "on" || value === "off") return value === "on";
  throw new RangeError(`${VARIABLE} must be "on" or "off", not "${value}"`);
}

/** How many samples of a node are sent together, in a cluster of `nodes`: it bounds the messages of all. */
export function metricsBatch(nodes: number): number {
  return Math.min(MAX_BATCH, Math.max(1, Math.ceil(nodes / FEW)));
}
