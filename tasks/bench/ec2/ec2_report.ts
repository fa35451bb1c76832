/** What launches on EC2 take, without what AWS takes. */
export interface Ec2Report {
  readonly points: readonly Ec2Point[];
  /** Bytes of the user data that every instance gets. */
  readonly userData: number;
  /** What is sent to S3 once for each architecture. */
  readonly agents: readonly { readonly target: string; readonly bytes: number }[];
}

/** What a cluster of so many instances takes. */
export interface Ec2Point {
  readonly nodes: number;
  /** Calls of AWS, but for looks at instances: their number is a matter of time. */
  readonly calls: number;
  /** Looks at all instances together. */
  readonly looks: number;
  /** Milliseconds until all nodes were there, with instances that boot at once. */
  readonly launch: number;
  /** Milliseconds of this runner's processor for each node, from launch to disposal. */
  readonly cpuPerNode: number;
  /** Megabytes that the runner has in memory. */
  readonly memory: number;
}
