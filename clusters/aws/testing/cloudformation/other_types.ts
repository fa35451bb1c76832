import { ACCOUNT, hex } from "../account.ts";
import { Bucket } from "../s3/bucket.ts";
import type { ResourcePlace, ResourceType } from "./resource_type.ts";

/** The kinds of resources that are no part of a network. */
export const OTHER_TYPES: Readonly<Record<string, ResourceType>> = {
  "AWS::IAM::Role": {
    properties: {
      AssumeRolePolicyDocument: true,
      Description: true,
      ManagedPolicyArns: true,
      MaxSessionDuration: true,
      Tags: true,
    },
    required: ["AssumeRolePolicyDocument"],
    capability: "CAPABILITY_IAM",
    create: (_properties, place) => {
      const name = generatedName(place);
      const Arn = `arn:aws:iam::${ACCOUNT}:role/${name}`;
      return { physicalId: name, attributes: { Arn, RoleId: `AROA${hex(16).toUpperCase()}` } };
    },
  },
  "AWS::IAM::InstanceProfile": {
    properties: { Roles: true },
    required: ["Roles"],
    capability: "CAPABILITY_IAM",
    create: (_properties, place) => {
      const name = generatedName(place);
      const Arn = `arn:aws:iam::${ACCOUNT}:instance-profile/${name}`;
      place.ec2.instanceProfiles.set(name, Arn);
      return { physicalId: name, attributes: { Arn } };
    },
    remove: (name, { ec2 }) => void ec2.instanceProfiles.delete(name),
  },
  "AWS::S3::Bucket": {
    properties: {
      BucketEncryption: true,
      LifecycleConfiguration: true,
      OwnershipControls: true,
      PublicAccessBlockConfiguration: true,
      VersioningConfiguration: true,
      Tags: true,
    },
    create: (_properties, place) => {
      const name = generatedName(place).toLowerCase();
      place.buckets.set(name, new Bucket(name, place.ec2.name));
      const DomainName = `${name}.s3.amazonaws.com`;
      return { physicalId: name, attributes: { Arn: `arn:aws:s3:::${name}`, DomainName } };
    },
    remove: (name, { buckets }) => {
      if (buckets.get(name)!.objects.size > 0) {
        throw new Error("The bucket you tried to delete is not empty (BucketNotEmpty)");
      }
      buckets.delete(name);
    },
  },
  "AWS::S3::BucketPolicy": {
    properties: { Bucket: false, PolicyDocument: true },
    required: ["Bucket", "PolicyDocument"],
    create: ({ Bucket: name }, { buckets }) => {
      if (!buckets.has(String(name))) throw new Error("The specified bucket does not exist");
      return { physicalId: String(name) };
    },
  },
};

function generatedName({ stackName, logicalId }: ResourcePlace): string {
  return `${stackName}-${logicalId}-${hex(12)}`.slice(-63).replace(/^-+/, "");
}
