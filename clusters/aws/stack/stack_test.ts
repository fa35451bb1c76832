import type { Stack as DescribedStack } from "@aws-sdk/client-cloudformation";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { AGENT_PORT } from "./agent_port.ts";
import { readStack } from "./stack.ts";
import template from "./template.json" with { type: "json" };

const outputs: Record<string, string> = {
  VpcId: "vpc-1",
  SecurityGroupId: "sg-1",
  AgentPort: String(AGENT_PORT),
  BucketName: "bucket-1",
  InstanceProfileArn: "arn:aws:iam::1:instance-profile/p",
  Subnet1Id: "subnet-1",
  Zone1: "eu-west-1a",
  Subnet2Id: "subnet-2",
  Zone2: "eu-west-1b",
};

function described(changes: Partial<DescribedStack> = {}, without = ""): DescribedStack {
  return {
    StackName: "clustertest",
    StackStatus: "CREATE_COMPLETE",
    CreationTime: new Date(0),
    Parameters: [{ ParameterKey: "RunnerCidr", ParameterValue: "203.0.113.7/32" }],
    Outputs: Object.entries(outputs)
      .filter(([key]) => key !== without)
      .map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
    ...changes,
  };
}

Deno.test("readStack() reads what nodes need", () => {
  deepStrictEqual(readStack(described()), {
    name: "clustertest",
    vpcId: "vpc-1",
    subnets: [{ id: "subnet-1", zone: "eu-west-1a" }, { id: "subnet-2", zone: "eu-west-1b" }],
    securityGroupId: "sg-1",
    bucket: "bucket-1",
    instanceProfileArn: "arn:aws:iam::1:instance-profile/p",
    runnerCidr: "203.0.113.7/32",
  });
});

Deno.test("readStack() takes a stack whose last change failed", () => {
  const stack = readStack(described({ StackStatus: "UPDATE_ROLLBACK_COMPLETE" }));
  strictEqual(typeof stack, "object");
});

for (const StackStatus of ["CREATE_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_FAILED"] as const) {
  Deno.test(`readStack() says the state when it is ${StackStatus}`, () => {
    const stack = readStack(described({ StackStatus, StackStatusReason: "of old" }));
    strictEqual(stack, `it is in state ${StackStatus} (of old)`);
  });
}

Deno.test("readStack() says what another version of the stack lacks", () => {
  strictEqual(
    readStack(described({}, "BucketName")),
    'it is of another version and has no output "BucketName"',
  );
});

Deno.test("readStack() needs nothing that the template does not put out", () => {
  for (const key of Object.keys(outputs)) strictEqual(key in template.Outputs, true, key);
});
