import type { RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import type { InstanceOptions, RootVolume } from "./ec2_options.ts";
import { tagList, type Tags } from "../aws/mod.ts";

/** How instances are paid. */
export type Market = "spot" | "on-demand";

/** A volume that an image brings. */
export interface ImageVolume {
  /** As in `"/dev/xvda"`. */
  readonly device: string;
  readonly isRoot: boolean;
}

/** What instances of one launch have in common, wherever they are. */
export interface LaunchPlan {
  readonly options: InstanceOptions;
  readonly ami: string;
  readonly volumes: readonly ImageVolume[];
  readonly securityGroups: readonly string[];
  /** ARN of the role's profile. */
  readonly instanceProfile: string;
  readonly userData: string;
  readonly tags: Tags;
}

/** One batch: how many, where, and how they are paid. */
export interface Batch {
  readonly count: number;
  readonly subnet: string;
  readonly market: Market;
  /** The same for repetitions: with it, they launch nothing twice. */
  readonly clientToken: string;
}

/**
 * The request for a batch, before the author's hook has seen it. As many as there are will do: what
 * is missing is looked for elsewhere.
 */
export function runRequest(plan: LaunchPlan, batch: Batch): RunInstancesCommandInput {
  const { options, ami, instanceProfile, userData } = plan;
  return {
    MinCount: 1,
    MaxCount: batch.count,
    ClientToken: batch.clientToken,
    ImageId: ami,
    InstanceType: options.instanceType as RunInstancesCommandInput["InstanceType"],
    KeyName: options.keyPair,
    UserData: btoa(userData),
    IamInstanceProfile: { Arn: instanceProfile },
    InstanceInitiatedShutdownBehavior: "terminate",
    // What runs on a node cannot get hold of its role by a forwarded request.
    MetadataOptions: {
      HttpEndpoint: "enabled",
      HttpTokens: "required",
      HttpPutResponseHopLimit: 1,
    },
    NetworkInterfaces: [networkInterface(plan, batch)],
    BlockDeviceMappings: plan.volumes.map((volume) => volumeMapping(volume, options.rootVolume)),
    Placement: options.placementGroup ? { GroupName: options.placementGroup } : undefined,
    InstanceMarketOptions: batch.market === "spot" ? spotMarket(options) : undefined,
    TagSpecifications: tagSpecifications(plan, batch.market),
  };
}

type InputPart<K extends keyof RunInstancesCommandInput> = NonNullable<RunInstancesCommandInput[K]>;

function networkInterface(
  { options, securityGroups }: LaunchPlan,
  { subnet }: Batch,
): InputPart<"NetworkInterfaces">[number] {
  return {
    DeviceIndex: 0,
    SubnetId: subnet,
    Groups: [...securityGroups],
    AssociatePublicIpAddress: options.addresses !== "private",
    DeleteOnTermination: true,
  };
}

/** No volume outlives its instance, whatever the image says. */
function volumeMapping(
  { device, isRoot }: ImageVolume,
  root: RootVolume | undefined,
): InputPart<"BlockDeviceMappings">[number] {
  const { size, iops, throughput } = root ?? {};
  const asked = isRoot && root !== undefined
    ? { VolumeSize: size, VolumeType: root.type ?? "gp3", Iops: iops, Throughput: throughput }
    : {};
  return { DeviceName: device, Ebs: { ...asked, DeleteOnTermination: true } };
}

function spotMarket({ spot }: InstanceOptions): InputPart<"InstanceMarketOptions"> {
  const maxPrice = typeof spot === "object" ? spot.maxPrice : undefined;
  return {
    MarketType: "spot",
    SpotOptions: {
      SpotInstanceType: "one-time",
      InstanceInterruptionBehavior: "terminate",
      MaxPrice: maxPrice?.toString(),
    },
  };
}

function tagSpecifications(
  { options, tags }: LaunchPlan,
  market: Market,
): InputPart<"TagSpecifications"> {
  // The author's tags cannot replace those of ownership; they may replace the name.
  const Tags = tagList({ ...tags, ...options.tags });
  const types = ["instance", "volume", "network-interface"] as const;
  const all = market === "spot" ? [...types, "spot-instances-request" as const] : types;
  return all.map((ResourceType) => ({ ResourceType, Tags }));
}
