/** Says whether metrics are recorded. */
const VARIABLE = "CLUSTERTEST_METRICS";

/** Nodes of a cluster whose samples come one by one. */
const FEW = 100;

/** Samples of one node that come together, of whichever number of nodes. */
const MAX_BATCH = 10;

/** Whether what nodes use is recorded, as the environment says. */
export function recordsMetrics(): boolean {
  const value = Deno.env.get(VARIABLE) || "on";
  if (value === "on" || value === "off") return value === "on";
  throw new RangeError(`${VARIABLE} must be "on" or "off", not "${value}"`);
}

/** How many samples of a node come together in a cluster of so many: what comes from all is bounded. */
export function metricsBatch(nodes: number): number {
  return Math.min(MAX_BATCH, Math.max(1, Math.ceil(nodes / FEW)));
}
