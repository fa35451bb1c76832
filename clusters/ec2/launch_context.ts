import type { Fleet } from "../../agent/client/fleet.ts";
import type { Emit } from "../events/mod.ts";
import type { Aws, Stack } from "../aws/mod.ts";
import type { Bill } from "../machines/mod.ts";
import type { Ownership } from "../ownership/mod.ts";
import type { InstancePoll } from "./instance_polls.ts";
import type { ClusterLimits, InstanceOptions } from "./ec2_options.ts";
import type { Provision } from "./provisions.ts";
import type { Terminator } from "./terminator.ts";

/** What the nodes of one cluster have in common. */
export interface LaunchContext extends Ownership {
  readonly aws: Aws;
  readonly stack: Stack;
  readonly fleet: Fleet;
  readonly emit: Emit;
  readonly limits: ClusterLimits;
  readonly bill: Bill;
  readonly terminator: Terminator;
  /** Ids of the launches that have begun and not ended. */
  readonly launches: Set<string>;
  /** Looks at the instances that these have launched: one call for all of them. */
  readonly starts: InstancePoll;
  /** Sees the cluster's instances that have ended. */
  readonly ends: InstancePoll;
  /** Milliseconds without a heartbeat after which an agent ends itself: its lease. */
  readonly lease: number;
}

/** Nodes that are to be alike. */
export interface NodeGroup {
  readonly names: readonly string[];
  readonly options: InstanceOptions;
  readonly provision: Provision;
}
