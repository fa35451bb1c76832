import type {
  AvailabilityZone,
  DescribeAvailabilityZonesRequest,
  DescribeAvailabilityZonesResult,
  DescribeImagesRequest,
  DescribeImagesResult,
  DescribeInstanceTypeOfferingsRequest,
  DescribeInstanceTypeOfferingsResult,
  DescribeInstanceTypesRequest,
  DescribeInstanceTypesResult,
  Filter,
  InstanceTypeOffering,
} from "@aws-sdk/client-ec2";
import { zonesOf } from "../account.ts";
import { AwsError, notImplemented } from "../protocol/aws_error.ts";
import { operation, type Operations } from "../protocol/operation.ts";
import { applyFilters, type FilterValues } from "./filters.ts";
import { findAll, IMAGE } from "./ids.ts";
import { imagesOf } from "./images.ts";
import { findInstanceType, instanceTypeInfo, instanceTypes } from "./instance_types.ts";

/** What can be asked about what EC2 has to offer. */
export function catalogueOperations(): Operations {
  return {
    DescribeInstanceTypes: operation<DescribeInstanceTypesRequest, DescribeInstanceTypesResult>(
      ["InstanceTypes"],
      describeInstanceTypes,
    ),
    DescribeInstanceTypeOfferings: operation<
      DescribeInstanceTypeOfferingsRequest,
      DescribeInstanceTypeOfferingsResult
    >(
      ["LocationType", "Filters"],
      (input, { region }) => describeOfferings(input, region),
    ),
    DescribeImages: operation<DescribeImagesRequest, DescribeImagesResult>(
      ["ImageIds"],
      ({ ImageIds = [] }, { region }) => ({
        Images: findAll(
          ImageIds,
          IMAGE,
          (id) => imagesOf(region).find((image) => image.ImageId === id),
        ),
      }),
    ),
    DescribeAvailabilityZones: operation<
      DescribeAvailabilityZonesRequest,
      DescribeAvailabilityZonesResult
    >(
      ["Filters"],
      ({ Filters }, { region }) => describeZones(Filters, region),
    ),
  };
}

function describeInstanceTypes(
  { InstanceTypes: names = [] }: DescribeInstanceTypesRequest,
): DescribeInstanceTypesResult {
  if (names.length === 0) throw notImplemented("a list of all types of instances");
  const unknown = names.filter((name) => findInstanceType(name) === undefined);
  if (unknown.length > 0) {
    throw new AwsError(
      "InvalidInstanceType",
      `The following supplied instance types do not exist: [${unknown.join(", ")}]`,
    );
  }
  return { InstanceTypes: names.map((name) => instanceTypeInfo(findInstanceType(name)!)) };
}

function describeOfferings(
  { LocationType = "region", Filters }: DescribeInstanceTypeOfferingsRequest,
  region: string,
): DescribeInstanceTypeOfferingsResult {
  if (LocationType === "availability-zone-id") throw notImplemented("ids of zones");
  const places = LocationType === "region" ? [region] : zonesOf(region);
  const all = places.flatMap((Location) =>
    instanceTypes().map(({ name }) =>
      ({ InstanceType: name, LocationType, Location }) as InstanceTypeOffering
    )
  );
  const values = ({ InstanceType, Location }: InstanceTypeOffering): FilterValues => ({
    "instance-type": InstanceType,
    location: Location,
  });
  return { InstanceTypeOfferings: untagged(all, Filters, values) };
}

function describeZones(
  filters: Filter[] | undefined,
  region: string,
): DescribeAvailabilityZonesResult {
  const all = zonesOf(region).map((ZoneName): AvailabilityZone => ({
    ZoneName,
    ZoneId: `use1-az${ZoneName.charCodeAt(ZoneName.length - 1) - 96}`,
    ZoneType: "availability-zone",
    RegionName: region,
    State: "available",
    OptInStatus: "opt-in-not-required",
  }));
  const values = ({ ZoneName, ZoneType, State }: AvailabilityZone): FilterValues => ({
    "zone-name": ZoneName,
    "zone-type": ZoneType,
    state: State,
    "opt-in-status": "opt-in-not-required",
    "region-name": region,
  });
  return { AvailabilityZones: untagged(all, filters, values) };
}

/** Applies filters to what has no tags. */
function untagged<T extends object>(
  all: readonly T[],
  filters: readonly Filter[] | undefined,
  valuesOf: (each: T) => FilterValues,
): T[] {
  const tagged = all.map((value) => ({ value, tags: new Map<string, string>() }));
  return applyFilters(tagged, filters, ({ value }) => valuesOf(value)).map(({ value }) => value);
}
