/** What a cluster of so many simulated agents costs its runner. */
export interface GrowthPoint {
  readonly nodes: number;
  /** Milliseconds until all of them were enrolled. */
  readonly connect: number;
  /** Milliseconds for one command on each of them: a real process each. */
  readonly fanOut: number;
  /** Percent of one core that heartbeats take while nothing else happens. */
  readonly heartbeatCpu: number;
  /** Megabytes that the runner has in memory. */
  readonly memory: number;
  /** Megabytes for each node beyond the first; `null` for the first. */
  readonly memoryPerNode: number | null;
}
