import type { Condition } from "./policy.ts";

/** Actions on resources, under a condition. */
export interface Permission {
  /** What it is for, as the id of a statement. Permissions with the same one are joined. */
  readonly sid: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: Condition;
}

/** What a launch creates; all of it is tagged in the request that creates it. */
const CREATED: readonly string[] = [
  "instance",
  "network-interface",
  "spot-instances-request",
  "volume",
].map((type) => `arn:aws:ec2:*:*:${type}/*`);

/** Names that CloudFormation gives begin with the stack's and the resource's. */
const BUCKET = "arn:aws:s3:::clustertest-bucket*";
const ROLE = "arn:aws:iam::*:role/clustertest-InstanceRole*";
const SPOT_ROLE =
  "arn:aws:iam::*:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot";

/** Whether a resource is a test's, by the tag that a launch gives it. */
const IS_A_TESTS = { StringEquals: { "aws:ResourceTag/clustertest": "node" } };

/** These cannot be allowed for some resources only. */
function describing(...actions: string[]): readonly Permission[] {
  return [{ sid: "Describe", actions, resources: ["*"] }];
}

function changing(action: string, type: string): readonly Permission[] {
  const resources = [`arn:aws:ec2:*:*:${type}/*`];
  return [{ sid: `Change-${type}`, actions: [action], resources, condition: IS_A_TESTS }];
}

function onAgents(...actions: string[]): readonly Permission[] {
  return [{ sid: "Agents", actions, resources: [`${BUCKET}/agents/*`] }];
}

function onBucket(...actions: string[]): readonly Permission[] {
  return [{ sid: "Bucket", actions, resources: [BUCKET] }];
}

/** What a launch needs: the SDK's call stands for six permissions. */
const LAUNCH: readonly Permission[] = [
  {
    sid: "LaunchTagged",
    actions: ["ec2:RunInstances"],
    resources: CREATED,
    condition: { StringEquals: { "aws:RequestTag/clustertest": "node" } },
  },
  {
    sid: "LaunchInStack",
    actions: ["ec2:RunInstances"],
    resources: ["arn:aws:ec2:*:*:security-group/*", "arn:aws:ec2:*:*:subnet/*"],
    condition: { StringEquals: { "aws:ResourceTag/clustertest:stack": "clustertest" } },
  },
  {
    sid: "LaunchFrom",
    actions: ["ec2:RunInstances"],
    resources: [
      "arn:aws:ec2:*::image/*",
      "arn:aws:ec2:*::snapshot/*",
      "arn:aws:ec2:*:*:key-pair/*",
      "arn:aws:ec2:*:*:placement-group/*",
    ],
  },
  {
    sid: "TagAtLaunch",
    actions: ["ec2:CreateTags"],
    resources: CREATED,
    condition: { StringEquals: { "ec2:CreateAction": "RunInstances" } },
  },
  {
    sid: "GiveRole",
    actions: ["iam:PassRole"],
    resources: [ROLE],
    condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
  },
  {
    sid: "FirstSpotInstance",
    actions: ["iam:CreateServiceLinkedRole"],
    resources: [SPOT_ROLE],
    condition: { StringEquals: { "iam:AWSServiceName": "spot.amazonaws.com" } },
  },
];

/**
 * What each call of the SDK needs to be allowed. Only a runner that may list
 * the bucket can tell an agent that is not there from one that it may not see.
 */
export const permissions: Readonly<Record<string, readonly Permission[]>> = {
  "cloudformation:DescribeStacks": [{
    sid: "FindStack",
    actions: ["cloudformation:DescribeStacks"],
    resources: ["arn:aws:cloudformation:*:*:stack/clustertest/*"],
  }],
  // Everybody may ask who they are.
  "sts:GetCallerIdentity": [],
  "ssm:GetParameter": [{
    sid: "FindImage",
    actions: ["ssm:GetParameter"],
    resources: ["arn:aws:ssm:*::parameter/aws/service/ami-amazon-linux-latest/*"],
  }],
  "ec2:DescribeImages": describing("ec2:DescribeImages"),
  "ec2:DescribeInstances": describing("ec2:DescribeInstances"),
  "ec2:DescribeInstanceTypes": describing("ec2:DescribeInstanceTypes"),
  "ec2:DescribeSpotInstanceRequests": describing("ec2:DescribeSpotInstanceRequests"),
  "ec2:DescribeSubnets": describing("ec2:DescribeSubnets"),
  "ec2:DescribeVolumes": describing("ec2:DescribeVolumes"),
  "ec2:RunInstances": LAUNCH,
  "ec2:GetConsoleOutput": changing("ec2:GetConsoleOutput", "instance"),
  "ec2:RebootInstances": changing("ec2:RebootInstances", "instance"),
  "ec2:TerminateInstances": changing("ec2:TerminateInstances", "instance"),
  "ec2:DeleteVolume": changing("ec2:DeleteVolume", "volume"),
  "ec2:CancelSpotInstanceRequests": changing(
    "ec2:CancelSpotInstanceRequests",
    "spot-instances-request",
  ),
  "s3:GetObject": onAgents("s3:GetObject"),
  "s3:HeadObject": [...onAgents("s3:GetObject"), ...onBucket("s3:ListBucket")],
  "s3:CreateMultipartUpload": onAgents("s3:PutObject", "s3:PutObjectTagging"),
  "s3:UploadPart": onAgents("s3:PutObject"),
  "s3:CompleteMultipartUpload": onAgents("s3:PutObject"),
  "s3:AbortMultipartUpload": onAgents("s3:AbortMultipartUpload"),
  "s3:DeleteObjects": onAgents("s3:DeleteObject"),
  "s3:ListObjectsV2": onBucket("s3:ListBucket"),
  "s3:ListMultipartUploads": onBucket("s3:ListBucketMultipartUploads"),
};
