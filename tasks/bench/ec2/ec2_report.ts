import type { IdleCost } from "../../../clusters/aws/stack/idle_cost.ts";

/** What launches on EC2 take, without what AWS takes. */
export interface Ec2Report {
  readonly points: readonly Ec2Point[];
  /** Bytes of the user data that every instance gets. */
  readonly userData: number;
  /** What is sent to S3 once for each architecture. */
  readonly agents: readonly { readonly target: string; readonly bytes: number }[];
  readonly together: Together;
  /** What the stack costs while nothing uses it. */
  readonly idle: IdleCost;
}

/** How long several instances take, compared with one, when all of them boot for a while. */
export interface Together {
  readonly nodes: number;
  /** Milliseconds that each boots, as a real one takes some. */
  readonly boot: number;
  /** Milliseconds until one node was there. */
  readonly one: number;
  /** Milliseconds until all of them were. */
  readonly all: number;
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
