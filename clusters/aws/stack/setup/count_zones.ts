import { DescribeAvailabilityZonesCommand, DescribeSubnetsCommand } from "@aws-sdk/client-ec2";
import type { Aws } from "../../aws.ts";

/** Zones that the template has subnets for. */
export const MAX_ZONES = 6;

/**
 * How many zones `Fn::GetAZs` lists, and a stack can have subnets in: those with a default subnet, or
 * all of them if none has one.
 */
export async function countZones(
  aws: Aws,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<number> {
  const zones = new DescribeAvailabilityZonesCommand({
    Filters: [
      { Name: "zone-type", Values: ["availability-zone"] },
      { Name: "state", Values: ["available"] },
    ],
  });
  const subnets = new DescribeSubnetsCommand({
    Filters: [{ Name: "default-for-az", Values: ["true"] }],
  });
  const what = "count the zones of the region";
  const [{ AvailabilityZones = [] }, { Subnets = [] }] = await Promise.all([
    aws.call(what, (options) => aws.ec2.send(zones, options), { signal }),
    aws.call(what, (options) => aws.ec2.send(subnets, options), { signal }),
  ]);
  const count = Subnets.length > 0 ? Subnets.length : AvailabilityZones.length;
  return Math.min(Math.max(count, 1), MAX_ZONES);
}
