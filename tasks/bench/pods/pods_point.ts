/** What a cluster of so many pods takes of its runner and of the API server, without what machines take. */
export interface PodsPoint {
  readonly nodes: number;
  /** Calls of the API, but for watches: their number is a matter of time. */
  readonly calls: number;
  /** Milliseconds until all nodes were there. */
  readonly launch: number;
  /** Milliseconds until all was given back. */
  readonly dispose: number;
  /** Milliseconds of a processor that the runner took, for each node. */
  readonly cpuPerNode: number;
  /** Megabytes that the runner has in memory. */
  readonly memory: number;
}
