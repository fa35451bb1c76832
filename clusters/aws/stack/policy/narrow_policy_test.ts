import { deepStrictEqual } from "node:assert/strict";
import { makePolicy } from "./make_policy.ts";
import { narrowPolicy } from "./narrow_policy.ts";

/** What a call may be made on, in a policy that is narrowed. */
function resources(call: string, scope: Parameters<typeof narrowPolicy>[1]): readonly string[] {
  return narrowPolicy(makePolicy([call]), scope).Statement.flatMap(({ Resource }) => Resource);
}

Deno.test("narrowPolicy() leaves a policy as it is when nothing is said", () => {
  const policy = makePolicy(["ec2:RunInstances", "s3:GetObject", "ec2:DescribeVolumes"]);
  deepStrictEqual(narrowPolicy(policy, {}), policy);
});

const mine = { account: "123456789012", region: "eu-west-1", stackName: "Mine" };

for (
  const [call, arns] of [
    ["cloudformation:DescribeStacks", [
      "arn:aws:cloudformation:eu-west-1:123456789012:stack/Mine/*",
    ]],
    ["ec2:DeleteVolume", ["arn:aws:ec2:eu-west-1:123456789012:volume/*"]],
    ["ec2:DescribeVolumes", ["*"]],
    ["s3:GetObject", ["arn:aws:s3:::mine-bucket*/agents/*"]],
    ["ssm:GetParameter", [
      "arn:aws:ssm:eu-west-1::parameter/aws/service/ami-amazon-linux-latest/*",
    ]],
  ] as const
) {
  Deno.test(`narrowPolicy() confines ${call} to an account, region and stack`, () => {
    deepStrictEqual(resources(call, mine), arns);
  });
}

Deno.test("narrowPolicy() confines launches to the network and the role of the stack", () => {
  const { Statement } = narrowPolicy(makePolicy(["ec2:RunInstances"]), mine);
  const byId = Object.fromEntries(Statement.map((each) => [each.Sid, each]));
  deepStrictEqual(byId.LaunchInStack!.Condition, {
    StringEquals: { "aws:ResourceTag/clustertest:stack": "Mine" },
  });
  deepStrictEqual(byId.GiveRole!.Resource, ["arn:aws:iam::123456789012:role/Mine-InstanceRole*"]);
  deepStrictEqual(byId.LaunchTagged!.Condition, {
    StringEquals: { "aws:RequestTag/clustertest": "node" },
  });
});

Deno.test("narrowPolicy() knows the partitions of regions that are apart", () => {
  deepStrictEqual(resources("s3:GetObject", { region: "cn-north-1" }), [
    "arn:aws-cn:s3:::clustertest-bucket*/agents/*",
  ]);
  deepStrictEqual(resources("ec2:DeleteVolume", { region: "us-gov-west-1" }), [
    "arn:aws-us-gov:ec2:us-gov-west-1:*:volume/*",
  ]);
});
