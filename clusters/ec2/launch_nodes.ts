import type { Launch } from "../../agent/client/fleet.ts";
import type { CreateOptions } from "../kit/mod.ts";
import { OngoingWork } from "../events/mod.ts";
import { throwFailures } from "../concurrency/mod.ts";
import {
  AGENT_PORT,
  AgentBucket,
  describeInstances,
  type Instance,
  LIVING,
  ownedTags,
} from "../aws/mod.ts";
import { bootScript, NodeStarts, type NodeStartsOptions } from "../machines/mod.ts";
import type { Ec2Node } from "./instance_resource.ts";
import type { LaunchContext, NodeGroup } from "./launch_context.ts";
import { type Demand, obtainInstances } from "./obtain_instances.ts";
import type { LaunchPlan } from "./run_request.ts";
import { shortage } from "./shortage.ts";
import { startFailure } from "./start_failure.ts";
import { startNode } from "./start_node.ts";
import { terminateInstances } from "./terminator.ts";

/** Bytes of user data that EC2 takes. */
const MOST_USER_DATA = 16 * 1024;

/**
 * Launches instances for nodes that are alike, and reaches the agent on each as soon as it is there,
 * also while others are still asked for. If that fails nothing is left of it, and the error says why.
 *
 * Two things go on at the same time. `obtainInstances` asks EC2 for instances, zone after zone, until
 * there are enough. Each that EC2 launches becomes a start of {@linkcode NodeStarts}: `startNode` waits
 * until it runs and reaches its agent. The two meet in `onLaunch`, where EC2 may turn out to have no
 * room for an instance after its launch: then another one is asked for.
 */
export async function launchNodes(
  context: LaunchContext,
  group: NodeGroup,
  { signal, onLaunched }: CreateOptions,
): Promise<Ec2Node[]> {
  const { bill, fleet, launches } = context;
  const { names, options: { instanceType } } = group;
  const launchId = crypto.randomUUID();
  using launch = fleet.launch();
  const plan = await planOf(context, group, { launch, launchId });
  bill.estimate(names.length, instanceType);
  const starts = startsOf(context, group, { launch, onLaunched, signal });
  const launched: string[] = [];
  const onLaunch = async (instance: Instance): Promise<Instance | undefined> => {
    launched.push(instance.id);
    bill.begin(instance.id, instanceType);
    const refused = await starts.begin(instance);
    if (refused !== undefined) bill.end(instance.id);
    return refused;
  };
  launches.add(launchId);
  try {
    await obtain(context, group, { plan, onLaunch, signal: starts.signal })
      .catch((error) => starts.fail(error));
    return await starts.all();
  } catch (error) {
    // This error is thrown. What is not removed now, the end of the cluster removes, or reports.
    await removeLaunch(context, launchId, launched).catch(() => {});
    throw error;
  } finally {
    launches.delete(launchId);
  }
}

/** How the nodes of a group start, once there are instances for them. */
function startsOf(
  context: LaunchContext,
  { names, options }: NodeGroup,
  how: Pick<NodeStartsOptions<Instance, Ec2Node>, "launch" | "onLaunched" | "signal">,
): NodeStarts<Instance, Ec2Node> {
  const { aws, stack, starts, limits: { startTimeout } } = context;
  const guard = options.securityGroups === undefined ? stack : undefined;
  return new NodeStarts({
    ...how,
    names,
    startTimeout,
    start: (start) => startNode(context, options, start),
    forget: (node) => node.forget("its launch failed"),
    explain: (failed) => {
      const seen = { instance: starts.latest(failed.id), lookFailure: starts.failure };
      return startFailure(aws, { ...failed, ...seen, startTimeout, guard });
    },
  });
}

async function planOf(
  context: LaunchContext,
  { options, provision }: NodeGroup,
  { launch, launchId }: { launch: Launch; launchId: string },
): Promise<LaunchPlan> {
  const { aws, stack, limits: { maxLife, startTimeout }, lease } = context;
  const { ami, volumes, pack } = provision;
  const agent = await new AgentBucket(aws, stack.bucket).object(provision.agent);
  const life = { lease, startTimeout, maxLife };
  const boot = { launch: launch.document, agent, pack, port: AGENT_PORT, ...life };
  return {
    options,
    ami,
    volumes,
    securityGroups: options.securityGroups ?? [stack.securityGroupId],
    instanceProfile: stack.instanceProfileArn,
    userData: bootScript({ ...boot, mostBytes: MOST_USER_DATA }),
    tags: ownedTags(context, { launchId, maxLife }),
  };
}

/** Obtains all instances of a group, or fails with the reason why EC2 has not enough of them. */
async function obtain(
  { aws, emit }: LaunchContext,
  { names, options, provision: { subnets } }: NodeGroup,
  { plan, ...rest }: { plan: LaunchPlan } & Pick<Demand, "onLaunch" | "signal">,
): Promise<void> {
  const count = names.length;
  const what = `${count} ${count === 1 ? "instance" : "instances"} of ${options.instanceType}`;
  const label = `obtaining ${what}`;
  await OngoingWork.during(emit, { work: crypto.randomUUID(), kind: "launch", label }, async () => {
    const obtained = await obtainInstances(aws, plan, { count, subnets, ...rest });
    if (obtained.count < count) throw shortage(obtained, { count, options });
  });
}

/**
 * Also what was launched by a request whose answer was lost; and what EC2 does not show yet. What is
 * known is not kept by what is looked for.
 */
async function removeLaunch(
  { aws, bill }: LaunchContext,
  launchId: string,
  launched: readonly string[],
): Promise<void> {
  const results = await Promise.allSettled([terminateInstances(aws, launched)]);
  for (const id of launched) bill.end(id);
  const filters = { "tag:clustertest:launch": [launchId], "instance-state-name": LIVING };
  const shown = (await describeInstances(aws, filters)).map(({ id }) => id);
  await terminateInstances(aws, shown.filter((id) => !launched.includes(id)));
  throwFailures(results);
}
