import type { _InstanceType, Instance as Described } from "@aws-sdk/client-ec2";
import type { FilterValues } from "./filters.ts";
import { type Instance, STATE_CODES } from "./instance.ts";
import { tagList } from "./tags.ts";

/** As EC2 describes it. */
export function describeInstance(instance: Instance): Described {
  const { spec, state } = instance;
  const exists = state !== "terminated";
  return {
    InstanceId: spec.id,
    ImageId: spec.imageId,
    State: { Code: STATE_CODES[state], Name: state },
    StateReason: state === "pending" ? undefined : instance.stateReason,
    StateTransitionReason: state === "pending" ? "" : instance.transition ?? "",
    InstanceType: spec.type.name as _InstanceType,
    Architecture: spec.type.architecture,
    AmiLaunchIndex: spec.launchIndex,
    ClientToken: spec.clientToken ?? "",
    KeyName: spec.keyName,
    LaunchTime: instance.launchTime,
    Placement: { AvailabilityZone: spec.zone, GroupName: spec.placementGroup ?? "" },
    InstanceLifecycle: spec.isSpot ? "spot" : undefined,
    Monitoring: { State: "disabled" },
    RootDeviceName: "/dev/xvda",
    RootDeviceType: "ebs",
    Tags: tagList(spec.tags),
    MetadataOptions: {
      HttpEndpoint: "enabled",
      HttpTokens: spec.metadataTokens,
      State: state === "pending" ? "pending" : "applied",
    },
    ...(exists ? whileItExists(instance) : {}),
  };
}

/** A terminated instance has lost these. A public address comes only with the start. */
function whileItExists({ spec, state, launchTime }: Instance): Described {
  return {
    SubnetId: spec.subnetId,
    VpcId: spec.vpcId,
    PrivateIpAddress: spec.addresses.private,
    PrivateDnsName: `ip-${spec.addresses.private.replaceAll(".", "-")}.ec2.internal`,
    PublicIpAddress: state === "pending" ? undefined : spec.addresses.public,
    SecurityGroups: spec.groupIds.map((GroupId) => ({ GroupId })),
    IamInstanceProfile: spec.profileArn === undefined ? undefined : { Arn: spec.profileArn },
    BlockDeviceMappings: [{
      DeviceName: "/dev/xvda",
      Ebs: {
        VolumeId: spec.rootVolumeId,
        Status: "attached",
        DeleteOnTermination: true,
        AttachTime: launchTime,
      },
    }],
  };
}

/** What a filter can ask of an instance. */
export function instanceFilterValues({ spec, state, stateReason }: Instance): FilterValues {
  return {
    "instance-id": spec.id,
    "instance-state-name": state,
    "instance-state-code": String(STATE_CODES[state]),
    "instance-type": spec.type.name,
    "instance-lifecycle": spec.isSpot ? "spot" : undefined,
    "image-id": spec.imageId,
    "availability-zone": spec.zone,
    "subnet-id": spec.subnetId,
    "vpc-id": spec.vpcId,
    "client-token": spec.clientToken,
    "reservation-id": spec.reservationId,
    "private-ip-address": spec.addresses.private,
    "ip-address": spec.addresses.public,
    "state-reason-code": stateReason?.Code,
  };
}
