import type { Launch } from "../../agent/client/fleet.ts";
import type { CreateOptions } from "../kit/mod.ts";
import type { WorkEvent } from "../events/mod.ts";
import { throwFailures } from "../concurrency/mod.ts";
import { agentObject } from "./agent_object.ts";
import { bootScript } from "./boot_script.ts";
import type { Ec2Node } from "./ec2_node.ts";
import { describeInstances, type Instance, LIVING } from "./instance.ts";
import type { LaunchContext, NodeGroup } from "./launch_context.ts";
import { type Demand, obtainInstances } from "./obtain_instances.ts";
import { NodeStarts } from "./node_starts.ts";
import type { LaunchPlan } from "./run_request.ts";
import { shortage } from "./shortage.ts";
import { AGENT_PORT } from "./stack/agent_port.ts";
import { ownedTags } from "./tags.ts";
import { terminateInstances } from "./terminator.ts";

/**
 * Launches instances for nodes that are alike, and reaches the agent on each as soon as it is there,
 * also while others are still asked for. If that fails nothing is left of it, and the error says why.
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
  const starts = new NodeStarts(context, { group, launch, onLaunched, signal });
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
    // This error is the one to tell. What is not removed now, the end of the cluster removes, or tells.
    await removeLaunch(context, launchId, launched).catch(() => {});
    throw error;
  } finally {
    launches.delete(launchId);
  }
}

async function planOf(
  context: LaunchContext,
  { options, provision }: NodeGroup,
  { launch, launchId }: { launch: Launch; launchId: string },
): Promise<LaunchPlan> {
  const { aws, stack, limits: { maxLife }, lease } = context;
  const { ami, volumes, pack } = provision;
  const agent = await agentObject(aws, stack.bucket, provision.agent);
  const boot = { launch: launch.document, agent, pack, port: AGENT_PORT, lease, maxLife };
  return {
    options,
    ami,
    volumes,
    securityGroups: options.securityGroups ?? [stack.securityGroupId],
    instanceProfile: stack.instanceProfileArn,
    userData: bootScript(boot),
    tags: ownedTags(context, { launchId, maxLife }),
  };
}

/** Waits for EC2, until it has said of all that they are to run; the cluster tells of the rest. */
async function obtain(
  { aws, emit }: LaunchContext,
  { names, options, provision: { subnets } }: NodeGroup,
  { plan, ...rest }: { plan: LaunchPlan } & Pick<Demand, "onLaunch" | "signal">,
): Promise<void> {
  const count = names.length;
  const what = `${count} ${count === 1 ? "instance" : "instances"} of ${options.instanceType}`;
  const work: WorkEvent = { work: crypto.randomUUID(), kind: "launch", label: `obtaining ${what}` };
  emit({ type: "work-started", ...work });
  try {
    const obtained = await obtainInstances(aws, plan, { count, subnets, ...rest });
    if (obtained.count < count) throw shortage(obtained, { count, options });
    emit({ type: "work-ended", ...work });
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    emit({ type: "work-ended", ...work, error: reason });
    throw error;
  }
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
