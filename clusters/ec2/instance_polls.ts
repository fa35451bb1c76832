import { type Aws, describeInstances, ENDED, type Filters, type Instance } from "../aws/mod.ts";
import { MachinePoll } from "../machines/mod.ts";

/** Milliseconds between two looks at instances that are starting, and for those that have ended. */
const LOOK_INTERVALS = { starts: 1000, ends: 5000 };

/** Looks at instances, as long as a caller waits for one. */
export type InstancePoll = MachinePoll<Instance>;

/** Values that EC2 takes for a filter. */
const MOST_VALUES = 200;

/** Looks at the instances of those launches of a cluster that have not ended yet. */
export function pollStarts(aws: Aws, of: Parameters<typeof startsOf>[0]): InstancePoll {
  return new MachinePoll({
    look: (signal) => describeInstances(aws, startsOf(of), signal),
    interval: LOOK_INTERVALS.starts,
  });
}

/**
 * Looks for instances of a cluster that have ended. A look that fails is made up for by the next one,
 * and by the agents' connections.
 */
export function pollEnds(aws: Aws, clusterId: string): InstancePoll {
  const filters = { "tag:clustertest:cluster": [clusterId], "instance-state-name": ENDED };
  return new MachinePoll({
    look: (signal) => describeInstances(aws, filters, signal),
    interval: LOOK_INTERVALS.ends,
  });
}

/** Not all instances of the cluster, unless more launches go on than a filter can name. */
export function startsOf(
  { clusterId, launches }: { clusterId: string; launches: ReadonlySet<string> },
): Filters {
  return launches.size > MOST_VALUES
    ? { "tag:clustertest:cluster": [clusterId] }
    : { "tag:clustertest:launch": [...launches] };
}
