import { delay } from "../../agent/delay.ts";
import { type Aws, describeInstances, type InstanceState, LIVING } from "../aws/mod.ts";
import { terminateInstances } from "./terminator.ts";

/** Milliseconds that instances have to end: some shut down slowly. */
const END_DEADLINE = 600_000;

/** Milliseconds between two looks whether they have. */
const LOOK_INTERVAL = 2000;

/** Ends all instances of a cluster, also those of launches that were given up. */
export async function removeCluster(aws: Aws, clusterId: string): Promise<void> {
  await terminateInstances(aws, await instancesOf(aws, clusterId, LIVING));
}

/** Waits until all instances of a cluster are gone. */
export async function awaitTermination(aws: Aws, clusterId: string): Promise<void> {
  const until = Date.now() + END_DEADLINE;
  for (;;) {
    const left = await instancesOf(aws, clusterId, [...LIVING, "shutting-down"]);
    if (left.length === 0) return;
    if (Date.now() > until) {
      throw new Error(
        `Cannot wait for the end of instances any longer: after ${END_DEADLINE / 60_000} minutes ` +
          `there still are ${left.join(", ")}`,
      );
    }
    await delay(LOOK_INTERVAL);
  }
}

async function instancesOf(
  aws: Aws,
  clusterId: string,
  states: readonly InstanceState[],
): Promise<string[]> {
  const filters = { "tag:clustertest:cluster": [clusterId], "instance-state-name": states };
  return (await describeInstances(aws, filters)).map(({ id }) => id);
}
