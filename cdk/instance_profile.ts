import type { Stack } from "aws-cdk-lib";
import { InstanceProfile, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";

/**
 * The role of the nodes. It allows nothing: a node gets what it needs by a presigned URL, and ends
 * itself by shutting down. For tests of programs that talk to AWS, attach a policy to this role.
 */
export function addInstanceProfile(stack: Stack): { role: Role; profile: InstanceProfile } {
  const role = new Role(stack, "InstanceRole", {
    description: "Nodes of clustertest: allows nothing by itself",
    assumedBy: new ServicePrincipal("ec2.amazonaws.com"),
  });
  return { role, profile: new InstanceProfile(stack, "InstanceProfile", { role }) };
}
