import type { Launch } from "../../agent/client/fleet.ts";
import type { WorkEvent } from "../events.ts";
import { agentObject } from "./agent_object.ts";
import { bootScript } from "./boot_script.ts";
import type { Ec2Node } from "./ec2_node.ts";
import { describeInstances, type Instance, LIVING } from "./instance.ts";
import type { LaunchContext, NodeGroup } from "./launch_context.ts";
import { type Demand, obtainInstances } from "./obtain_instances.ts";
import type { LaunchPlan } from "./run_request.ts";
import { shortage } from "./shortage.ts";
import { AGENT_PORT } from "./stack/agent_port.ts";
import { startNodes } from "./start_nodes.ts";
import { ownedTags } from "./tags.ts";
import { terminateInstances } from "./terminator.ts";

/**
 * Launches instances for nodes that are alike, and reaches the agents on them. If that fails nothing
 * is left of it, and the error says why.
 */
export async function launchNodes(
  context: LaunchContext,
  group: NodeGroup,
  signal: AbortSignal,
): Promise<Ec2Node[]> {
  const { names, options: { instanceType } } = group;
  const label = `launching ${names.length} ${names.length === 1 ? "instance" : "instances"} of ` +
    instanceType;
  const launchId = crypto.randomUUID();
  const work: WorkEvent = { work: `launch ${launchId}`, kind: "launch", label };
  using launch = context.fleet.launch();
  const plan = await planOf(context, group, { launch, launchId });
  context.bill.estimate(names.length, instanceType);
  context.emit({ type: "work-started", ...work });
  const launched: string[] = [];
  const onLaunch = ({ id }: Instance): void => {
    launched.push(id);
    context.bill.begin(id, instanceType);
  };
  try {
    const instances = await obtain(context, group, { plan, onLaunch, signal });
    const nodes = await startNodes(context, { group, instances, launch, launchId, work, signal });
    context.emit({ type: "work-ended", ...work });
    return nodes;
  } catch (error) {
    const { message } = error as Error;
    context.emit({ type: "work-ended", ...work, error: message.split("\n")[0]! });
    await removeLaunch(context, launchId, launched);
    throw error;
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

async function obtain(
  { aws }: LaunchContext,
  { names, options, provision: { subnets } }: NodeGroup,
  { plan, ...rest }: { plan: LaunchPlan } & Pick<Demand, "onLaunch" | "signal">,
): Promise<readonly Instance[]> {
  const count = names.length;
  const obtained = await obtainInstances(aws, plan, { count, subnets, ...rest });
  if (obtained.instances.length < count) throw shortage(obtained, { count, options });
  return obtained.instances;
}

/** Also what was launched by a request whose answer was lost; and what EC2 does not show yet. */
async function removeLaunch(
  { aws, bill }: LaunchContext,
  launchId: string,
  launched: readonly string[],
): Promise<void> {
  const filters = { "tag:clustertest:launch": [launchId], "instance-state-name": LIVING };
  const shown = (await describeInstances(aws, filters)).map(({ id }) => id);
  const ids = [...new Set([...launched, ...shown])];
  await terminateInstances(aws, ids);
  for (const id of ids) bill.end(id);
}
