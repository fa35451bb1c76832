import type {
  CancelSpotInstanceRequestsRequest,
  CancelSpotInstanceRequestsResult,
  CreateTagsRequest,
  DeleteVolumeRequest,
  DescribeSpotInstanceRequestsRequest,
  DescribeSpotInstanceRequestsResult,
  DescribeSubnetsRequest,
  DescribeSubnetsResult,
  DescribeVolumesRequest,
  DescribeVolumesResult,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../protocol/aws_error.ts";
import { operation, type Operations } from "../protocol/operation.ts";
import type { CallContext } from "../protocol/wire_request.ts";
import { applyFilters } from "./filters.ts";
import { findAll, SPOT, SUBNET, VOLUME } from "./ids.ts";
import { pageOf } from "../pages.ts";
import type { Ec2Region } from "./region.ts";
import { describeSpotRequest, describeSubnet, describeVolume } from "./describe_resource.ts";
import { readTags } from "./tags.ts";

/** What can be done with what is around instances. */
export function resourceOperations(regionOf: (context: CallContext) => Ec2Region): Operations {
  return {
    DescribeSubnets: operation<DescribeSubnetsRequest, DescribeSubnetsResult>(
      ["SubnetIds", "Filters"],
      (input, context) => describeSubnets(input, regionOf(context)),
    ),
    DescribeVolumes: operation<DescribeVolumesRequest, DescribeVolumesResult>(
      ["VolumeIds", "Filters", "MaxResults", "NextToken"],
      (input, context) => describeVolumes(input, regionOf(context), context),
    ),
    DeleteVolume: operation<DeleteVolumeRequest, object>(
      ["VolumeId"],
      (input, context) => deleteVolume(input, regionOf(context)),
    ),
    DescribeSpotInstanceRequests: operation<
      DescribeSpotInstanceRequestsRequest,
      DescribeSpotInstanceRequestsResult
    >(
      ["SpotInstanceRequestIds", "Filters", "MaxResults", "NextToken"],
      (input, context) => describeSpotRequests(input, regionOf(context), context),
    ),
    CancelSpotInstanceRequests: operation<
      CancelSpotInstanceRequestsRequest,
      CancelSpotInstanceRequestsResult
    >(
      ["SpotInstanceRequestIds"],
      (input, context) => cancelSpotRequests(input, regionOf(context)),
    ),
    CreateTags: operation<CreateTagsRequest, object>(
      ["Resources", "Tags"],
      (input, context) => createTags(input, regionOf(context)),
    ),
  };
}

function describeSubnets(
  { SubnetIds, Filters }: DescribeSubnetsRequest,
  { subnets }: Ec2Region,
): DescribeSubnetsResult {
  const asked = SubnetIds
    ? findAll(SubnetIds, SUBNET, (id) => subnets.get(id))
    : [...subnets.values()];
  const matching = applyFilters(asked, Filters, ({ id, vpcId, zone }) => ({
    "subnet-id": id,
    "vpc-id": vpcId,
    "availability-zone": zone,
    "default-for-az": "false",
  }));
  return { Subnets: matching.map(describeSubnet) };
}

function describeVolumes(
  { VolumeIds, Filters, ...asked }: DescribeVolumesRequest,
  { volumes }: Ec2Region,
  { pageSize }: CallContext,
): DescribeVolumesResult {
  const all = VolumeIds
    ? findAll(VolumeIds, VOLUME, (id) => volumes.get(id))
    : [...volumes.values()];
  const matching = applyFilters(all, Filters, ({ id, zone, attachedTo }) => ({
    "volume-id": id,
    "availability-zone": zone,
    status: attachedTo === undefined ? "available" : "in-use",
    "attachment.instance-id": attachedTo,
  }));
  const { items, NextToken } = pageOf(matching, asked, pageSize);
  return { Volumes: items.map(describeVolume), NextToken };
}

function deleteVolume({ VolumeId = "" }: DeleteVolumeRequest, { volumes }: Ec2Region): object {
  const [volume] = findAll([VolumeId], VOLUME, (id) => volumes.get(id));
  if (volume!.attachedTo !== undefined) {
    const message = `Volume ${VolumeId} is currently attached to ${volume!.attachedTo}`;
    throw new AwsError("VolumeInUse", message);
  }
  volumes.delete(VolumeId);
  return {};
}

function describeSpotRequests(
  { SpotInstanceRequestIds: ids, Filters, ...asked }: DescribeSpotInstanceRequestsRequest,
  { spotRequests }: Ec2Region,
  { pageSize }: CallContext,
): DescribeSpotInstanceRequestsResult {
  const all = ids ? findAll(ids, SPOT, (id) => spotRequests.get(id)) : [...spotRequests.values()];
  const matching = applyFilters(all, Filters, ({ id, state, status, instance }) => ({
    "spot-instance-request-id": id,
    state,
    "status-code": status,
    "instance-id": instance.id,
  }));
  const { items, NextToken } = pageOf(matching, asked, pageSize);
  return { SpotInstanceRequests: items.map(describeSpotRequest), NextToken };
}

/** The instances of requests that are cancelled stay. */
function cancelSpotRequests(
  { SpotInstanceRequestIds: ids = [] }: CancelSpotInstanceRequestsRequest,
  { spotRequests }: Ec2Region,
): CancelSpotInstanceRequestsResult {
  const requests = findAll(ids, SPOT, (id) => spotRequests.get(id));
  for (const request of requests) {
    if (request.state === "active") request.state = "cancelled";
  }
  return {
    CancelledSpotInstanceRequests: requests.map(({ id, state }) => ({
      SpotInstanceRequestId: id,
      State: state,
    })),
  };
}

function createTags({ Resources = [], Tags }: CreateTagsRequest, region: Ec2Region): object {
  const tags = readTags(Tags);
  const tagged = Resources.map((id) => {
    const found = region.tagsOf(id);
    if (found !== undefined) return found;
    throw new AwsError("InvalidID", `The ID '${id}' is not valid`);
  });
  for (const each of tagged) {
    for (const [key, value] of tags) each.set(key, value);
  }
  return {};
}
