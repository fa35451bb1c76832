import { Buffer } from "node:buffer";
import type {
  BlockDeviceMapping,
  InstanceNetworkInterfaceSpecification,
  RunInstancesRequest,
} from "@aws-sdk/client-ec2";
import { AwsError, notImplemented } from "../protocol/aws_error.ts";
import { findAll, GROUP, IMAGE, SUBNET } from "./ids.ts";
import { imagesOf } from "./images.ts";
import { findInstanceType, type InstanceType } from "./instance_types.ts";
import type { Ec2Region, SecurityGroup, Subnet } from "./region.ts";
import { readTagSpecifications, type Tags } from "./tags.ts";

/** A request for instances that was checked against what there is. */
export interface LaunchRequest {
  readonly minCount: number;
  readonly maxCount: number;
  readonly clientToken: string | undefined;
  readonly type: InstanceType;
  readonly imageId: string;
  readonly subnet: Subnet;
  readonly groups: readonly SecurityGroup[];
  readonly hasPublic: boolean;
  readonly userData: Uint8Array | undefined;
  readonly keyName: string | undefined;
  readonly placementGroup: string | undefined;
  readonly profileArn: string | undefined;
  readonly volume: { readonly size: number; readonly type: string };
  readonly isSpot: boolean;
  readonly terminatesItself: boolean;
  readonly metadataTokens: "optional" | "required";
  /** The tags for each kind of resource. */
  readonly tagsFor: (kind: string) => Tags;
}

const TAGGABLE = ["instance", "volume", "network-interface", "spot-instances-request"];

/** Bytes that user data may have. */
const MAX_USER_DATA = 16 * 1024;

/** Checks a request as EC2 does; throws what it would answer. */
export function readLaunchRequest(input: RunInstancesRequest, region: Ec2Region): LaunchRequest {
  const { minCount, maxCount } = readCounts(input);
  const [imageId] = [input.ImageId ?? ""];
  const type = readType(input.InstanceType ?? "m1.small");
  checkArchitecture(type, imageId, region);
  const isSpot = readMarket(input);
  return {
    minCount,
    maxCount,
    clientToken: input.ClientToken,
    type,
    imageId,
    ...readNetwork(input, region),
    userData: readUserData(input.UserData),
    keyName: readKnown(input.KeyName, region.keyNames, {
      code: "InvalidKeyPair.NotFound",
      what: "key pair",
    }),
    placementGroup: readPlacement(input, region),
    profileArn: readProfile(input, region),
    volume: readVolume(input.BlockDeviceMappings),
    isSpot,
    terminatesItself: input.InstanceInitiatedShutdownBehavior === "terminate",
    metadataTokens: readMetadataTokens(input),
    tagsFor: readTagSpecifications(
      input.TagSpecifications,
      isSpot ? TAGGABLE : TAGGABLE.slice(0, -1),
    ),
  };
}

function readCounts({ MinCount = 0, MaxCount = 0 }: RunInstancesRequest) {
  if (MinCount < 1) throw invalid(`Value (${MinCount}) for parameter minCount is invalid.`);
  if (MaxCount < MinCount) {
    throw new AwsError(
      "InvalidParameterCombination",
      `Value (${MaxCount}) for parameter maxCount is less than minCount`,
    );
  }
  return { minCount: MinCount, maxCount: MaxCount };
}

function readType(name: string): InstanceType {
  const type = findInstanceType(name);
  if (type === undefined) throw invalid(`Invalid value '${name}' for InstanceType.`);
  return type;
}

function checkArchitecture(type: InstanceType, imageId: string, { name }: Ec2Region): void {
  const [image] = findAll(
    [imageId],
    IMAGE,
    (id) => imagesOf(name).find((each) => each.ImageId === id),
  );
  if (image!.Architecture === type.architecture) return;
  throw invalid(
    `The architecture '${type.architecture}' of the specified instance type does not match the ` +
      `architecture '${image!.Architecture}' of the specified AMI. Specify an instance type and ` +
      "an AMI that have matching architectures, and try again.",
  );
}

function readNetwork(input: RunInstancesRequest, region: Ec2Region) {
  const [networkInterface, ...more] = input.NetworkInterfaces ?? [];
  if (more.length > 0) throw notImplemented("more than one network interface");
  if (networkInterface && (input.SubnetId || input.SecurityGroupIds)) {
    throw new AwsError(
      "InvalidParameterCombination",
      "Network interfaces and an instance-level subnet ID may not be specified on the same request",
    );
  }
  const asked: InstanceNetworkInterfaceSpecification = networkInterface ??
    { DeviceIndex: 0, SubnetId: input.SubnetId, Groups: input.SecurityGroupIds };
  takesOnly(asked, INTERFACE_MEMBERS, "NetworkInterface");
  if (asked.DeviceIndex !== 0) throw invalid("Each network interface requires a device index.");
  if (asked.SubnetId === undefined) {
    throw new AwsError("VPCIdNotSpecified", "No default VPC for this user");
  }
  const [subnet] = findAll([asked.SubnetId], SUBNET, (id) => region.subnets.get(id));
  const groups = findAll(asked.Groups ?? [], GROUP, (id) => region.securityGroups.get(id));
  const stranger = groups.find(({ vpcId }) => vpcId !== subnet!.vpcId);
  if (stranger !== undefined) {
    throw invalid(`The security group '${stranger.id}' is of another network than the subnet`);
  }
  const hasPublic = asked.AssociatePublicIpAddress ?? subnet!.mapsPublicAddress;
  return { subnet: subnet!, groups, hasPublic };
}

const INTERFACE_MEMBERS = [
  "DeviceIndex",
  "SubnetId",
  "Groups",
  "AssociatePublicIpAddress",
  "DeleteOnTermination",
  "Description",
];

function readUserData(text: string | undefined): Uint8Array | undefined {
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, "base64");
  if (bytes.toString("base64") !== text) {
    throw new AwsError("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.");
  }
  if (bytes.length > MAX_USER_DATA) {
    throw invalid(`User data is limited to ${MAX_USER_DATA} bytes`);
  }
  return new Uint8Array(bytes);
}

function readPlacement({ Placement = {} }: RunInstancesRequest, region: Ec2Region) {
  takesOnly(Placement, ["GroupName"], "Placement");
  return readKnown(Placement.GroupName, region.placementGroups, {
    code: "InvalidPlacementGroup.Unknown",
    what: "placement group",
  });
}

function readKnown(
  name: string | undefined,
  known: ReadonlySet<string>,
  { code, what }: { code: string; what: string },
): string | undefined {
  if (name === undefined || known.has(name)) return name;
  throw new AwsError(code, `The ${what} '${name}' does not exist`);
}

function readProfile(
  { IamInstanceProfile: asked }: RunInstancesRequest,
  { instanceProfiles }: Ec2Region,
): string | undefined {
  if (asked === undefined) return undefined;
  const arn = asked.Name === undefined ? asked.Arn : instanceProfiles.get(asked.Name);
  if (arn !== undefined && [...instanceProfiles.values()].includes(arn)) return arn;
  const [member, value] = asked.Name === undefined ? ["arn", asked.Arn] : ["name", asked.Name];
  throw invalid(
    `Value (${value}) for parameter iamInstanceProfile.${member} is invalid. ` +
      `Invalid IAM Instance Profile ${member}`,
  );
}

function readVolume(mappings: readonly BlockDeviceMapping[] = []) {
  const [root, ...more] = mappings;
  if (more.length > 0) throw notImplemented("more than one volume");
  if (root === undefined) return { size: 8, type: "gp3" };
  takesOnly(root, ["DeviceName", "Ebs"], "BlockDeviceMapping");
  if (root.DeviceName !== "/dev/xvda") throw notImplemented("volumes other than the root's");
  takesOnly(root.Ebs ?? {}, VOLUME_MEMBERS, "Ebs");
  const { VolumeSize: size = 8, VolumeType: type = "gp3", DeleteOnTermination } = root.Ebs ?? {};
  if (DeleteOnTermination === false) throw notImplemented("root volumes that stay");
  if (size < 8) {
    throw new AwsError(
      "InvalidBlockDeviceMapping",
      `Volume of size ${size}GB is smaller than snapshot, expect size >= 8GB`,
    );
  }
  return { size, type };
}

const VOLUME_MEMBERS = [
  "VolumeSize",
  "VolumeType",
  "Iops",
  "Throughput",
  "Encrypted",
  "DeleteOnTermination",
];

function readMarket({ InstanceMarketOptions: market }: RunInstancesRequest): boolean {
  if (market === undefined) return false;
  if (market.MarketType !== "spot") throw notImplemented(`the market "${market.MarketType}"`);
  const { SpotInstanceType = "one-time", InstanceInterruptionBehavior = "terminate" } =
    market.SpotOptions ?? {};
  if (SpotInstanceType !== "one-time" || InstanceInterruptionBehavior !== "terminate") {
    throw notImplemented("spot requests that outlast their instances");
  }
  return true;
}

function readMetadataTokens({ MetadataOptions = {} }: RunInstancesRequest) {
  takesOnly(MetadataOptions, METADATA_MEMBERS, "MetadataOptions");
  const { HttpTokens = "optional", HttpEndpoint = "enabled" } = MetadataOptions;
  if (HttpEndpoint !== "enabled") throw notImplemented("instances without a metadata service");
  if (HttpTokens === "optional" || HttpTokens === "required") return HttpTokens;
  throw invalid(`Value (${HttpTokens}) for parameter httpTokens is invalid.`);
}

const METADATA_MEMBERS = [
  "HttpEndpoint",
  "HttpTokens",
  "HttpPutResponseHopLimit",
  "InstanceMetadataTags",
];

/** What would be left out in silence is refused. */
function takesOnly(value: object, members: readonly string[], what: string): void {
  const unknown = Object.keys(value).find((name) => !members.includes(name));
  if (unknown !== undefined) throw notImplemented(`the parameter "${what}.${unknown}"`);
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message);
}
