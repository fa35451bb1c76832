import { Aws, CfnOutput, type Stack } from "aws-cdk-lib";
import type { InstanceProfile, Role } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { AGENT_PORT } from "../clusters/aws/stack/agent_port.ts";
import type { Network } from "./network.ts";

/** What tests find the stack's resources by; each is exported as `<stack>-<output>`, too. */
export function addOutputs(
  stack: Stack,
  { network, bucket, role, profile }: {
    network: Network;
    bucket: Bucket;
    role: Role;
    profile: InstanceProfile;
  },
): void {
  const output = (id: string, description: string, value: string): CfnOutput =>
    new CfnOutput(stack, id, { description, value, exportName: `${Aws.STACK_NAME}-${id}` });
  output("VpcId", "The network of the nodes", network.vpc.ref);
  output("SecurityGroupId", "The firewall of the nodes", network.securityGroup.attrGroupId);
  output("AgentPort", "The one port that runners reach", String(AGENT_PORT));
  output("BucketName", "Where instances get their agent", bucket.bucketName);
  output("InstanceRoleArn", "The role of the nodes, for policies of your own", role.roleArn);
  output("InstanceProfileArn", "What gives instances their role", profile.instanceProfileArn);
  network.subnets.forEach(({ subnet, condition }, index) => {
    const outputs = [
      output(`Subnet${index + 1}Id`, "A subnet of the nodes", subnet.ref),
      output(`Zone${index + 1}`, "The zone of that subnet", subnet.attrAvailabilityZone),
    ];
    if (condition) { for (const each of outputs) each.condition = condition; }
  });
}
