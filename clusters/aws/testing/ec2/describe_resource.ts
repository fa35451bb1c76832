import type {
  SpotInstanceRequest,
  Subnet as DescribedSubnet,
  Volume as DescribedVolume,
  VolumeType,
} from "@aws-sdk/client-ec2";
import { ACCOUNT } from "../account.ts";
import type { SpotRequest, Subnet, Volume } from "./region.ts";
import { tagList } from "./tags.ts";

/** A subnet as EC2 describes it. */
export function describeSubnet(
  { id, vpcId, zone, cidr, mapsPublicAddress, tags }: Subnet,
): DescribedSubnet {
  return {
    SubnetId: id,
    VpcId: vpcId,
    AvailabilityZone: zone,
    CidrBlock: cidr,
    MapPublicIpOnLaunch: mapsPublicAddress,
    State: "available",
    OwnerId: ACCOUNT,
    DefaultForAz: false,
    Tags: tagList(tags),
  };
}

/** A volume as EC2 describes it. */
export function describeVolume(
  { id, zone, size, type, createTime, tags, attachedTo }: Volume,
): DescribedVolume {
  return {
    VolumeId: id,
    AvailabilityZone: zone,
    Size: size,
    VolumeType: type as VolumeType,
    State: attachedTo === undefined ? "available" : "in-use",
    CreateTime: createTime,
    Tags: tagList(tags),
    Attachments: attachedTo === undefined ? [] : [{
      VolumeId: id,
      InstanceId: attachedTo,
      Device: "/dev/xvda",
      State: "attached",
      DeleteOnTermination: true,
    }],
  };
}

/** A request for a spot instance as EC2 describes it. */
export function describeSpotRequest(
  { id, createTime, instance, tags, state, status }: SpotRequest,
): SpotInstanceRequest {
  return {
    SpotInstanceRequestId: id,
    CreateTime: createTime,
    InstanceId: instance.id,
    State: state,
    Status: { Code: status },
    Type: "one-time",
    InstanceInterruptionBehavior: "terminate",
    LaunchedAvailabilityZone: instance.spec.zone,
    Tags: tagList(tags),
  };
}
