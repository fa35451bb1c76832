import {
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  type Stack as DescribedStack,
  type StackResource,
} from "@aws-sdk/client-cloudformation";
import type { Aws } from "../../aws.ts";
import { describeInstances, LIVING } from "../../instance.ts";
import { emptyBucket } from "./empty_bucket.ts";
import { type FollowStackOptions, settle } from "./settle.ts";
import { StackEvents } from "./stack_events.ts";

/** Which stack to delete. */
export interface DeleteOptions extends FollowStackOptions {
  readonly stack: DescribedStack;
}

/**
 * Deletes a stack with everything in it, what is in its bucket above all. One in whose network
 * instances are is left as it is.
 */
export async function deleteStack(aws: Aws, { stack, ...follow }: DeleteOptions): Promise<void> {
  const { StackName: name = "", StackId: stackId = name } = stack;
  const { signal } = follow;
  const what = `delete the stack "${name}"`;
  const resources = await resourcesOf(aws, { stackId, signal });
  const vpc = resources.find(({ ResourceType }) => ResourceType === "AWS::EC2::VPC");
  if (vpc !== undefined) await refuseInUse(aws, { what, vpcId: vpc.PhysicalResourceId!, signal });
  for (const { ResourceType, PhysicalResourceId } of resources) {
    if (ResourceType !== "AWS::S3::Bucket") continue;
    await emptyBucket(aws, { bucket: PhysicalResourceId!, signal });
  }
  const events = new StackEvents(aws, stackId);
  await events.skip(signal);
  const command = new DeleteStackCommand({
    StackName: stackId,
    ClientRequestToken: crypto.randomUUID(),
  });
  await aws.call(what, (options) => aws.cloudFormation.send(command, options), { signal });
  const settled = await settle(aws, { stackId, events, ...follow });
  if (settled.stack === undefined) return;
  throw new Error(`Cannot ${what}: ${settled.failures.join("; ") || settled.stack.StackStatus}`);
}

/** What a stack has and has not deleted yet. */
async function resourcesOf(
  aws: Aws,
  { stackId, signal }: { stackId: string; signal: AbortSignal | undefined },
): Promise<StackResource[]> {
  const command = new DescribeStackResourcesCommand({ StackName: stackId });
  const { StackResources = [] } = await aws.call(
    "list the stack's resources",
    (options) => aws.cloudFormation.send(command, options),
    { signal },
  );
  return StackResources.filter(({ PhysicalResourceId, ResourceStatus }) =>
    PhysicalResourceId && ResourceStatus !== "DELETE_COMPLETE"
  );
}

async function refuseInUse(
  aws: Aws,
  { what, vpcId, signal }: { what: string; vpcId: string; signal: AbortSignal | undefined },
): Promise<void> {
  const filters = { "vpc-id": [vpcId], "instance-state-name": [...LIVING, "shutting-down"] };
  const instances = await describeInstances(aws, filters, signal);
  if (instances.length === 0) return;
  const some = instances.slice(0, 3).map(({ id }) => id).join(", ");
  throw new Error(
    `Cannot ${what}: instances are still in its network (${some}${
      instances.length > 3 ? ", …" : ""
    }). Wait for the tests that use them; \`deno task sweep --backend ec2\` ends those of dead runs`,
  );
}
