import {
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from "@aws-sdk/client-cloudformation";
import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { REGION } from "./account.ts";
import type { AwsClients } from "./clients.ts";
import { imageFor } from "./ec2/images.ts";

/** What the stack tells about itself. */
export type StackOutputs = Readonly<Record<string, string>>;

/** The template of the stack that nodes need. */
export function stackTemplate(): Promise<string> {
  return Deno.readTextFile(new URL("../stack/template.json", import.meta.url));
}

/** Deploys the stack, and resolves to what it tells about itself. */
export async function deployStack({ cloudFormation: client }: AwsClients): Promise<StackOutputs> {
  const StackName = "clustertest";
  await client.send(
    new CreateStackCommand({
      StackName,
      TemplateBody: await stackTemplate(),
      Parameters: [{ ParameterKey: "RunnerCidr", ParameterValue: "127.0.0.1/32" }],
      Capabilities: ["CAPABILITY_IAM"],
    }),
  );
  const waiting = { client, maxWaitTime: 30, minDelay: 0.05, maxDelay: 0.2 };
  await waitUntilStackCreateComplete(waiting, { StackName });
  const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName }));
  const outputs = Stacks[0]?.Outputs ?? [];
  return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
}

/** A request for one instance in the first zone of the stack. */
export function launchInput(
  outputs: StackOutputs,
  input: Partial<RunInstancesCommandInput> = {},
): RunInstancesCommandInput {
  return {
    MinCount: 1,
    MaxCount: 1,
    ImageId: imageFor("x86_64", REGION),
    InstanceType: "t3.micro",
    InstanceInitiatedShutdownBehavior: "terminate",
    NetworkInterfaces: [{
      DeviceIndex: 0,
      SubnetId: outputs.Subnet1Id,
      Groups: [outputs.SecurityGroupId!],
      AssociatePublicIpAddress: true,
    }],
    ...input,
  };
}
