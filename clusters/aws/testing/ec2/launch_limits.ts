import type { Faults } from "../faults.ts";
import { AwsError } from "../protocol/aws_error.ts";
import type { LaunchRequest } from "./launch_request.ts";
import type { Ec2Region } from "./region.ts";

/** How many instances a request gets: quotas and room allowing. Takes up the room. */
export function admit(request: LaunchRequest, region: Ec2Region, faults: Faults): number {
  const alive = [...region.instances.values()].filter((instance) => instance.isAlive);
  const processors = alive.reduce((sum, { spec }) => sum + spec.type.processors, 0);
  const byInstances = faults.instanceLimit - alive.length;
  if (byInstances < request.minCount) throw instanceLimit(request, faults);
  const byProcessors = Math.floor((faults.vCpuLimit - processors) / request.type.processors);
  if (byProcessors < request.minCount) throw processorLimit(faults);
  const room = roomFor(request, faults);
  if (room < request.minCount) throw noRoom(request);
  const count = Math.min(request.maxCount, byInstances, byProcessors, room);
  const { zone } = request.subnet;
  if (faults.roomIn.has(zone)) faults.roomIn.set(zone, room - count);
  return count;
}

function roomFor({ isSpot, subnet }: LaunchRequest, faults: Faults): number {
  return isSpot && faults.noSpotRoom ? 0 : faults.roomIn.get(subnet.zone) ?? Infinity;
}

function instanceLimit({ type, maxCount }: LaunchRequest, { instanceLimit }: Faults): AwsError {
  return new AwsError(
    "InstanceLimitExceeded",
    `You have requested more instances (${maxCount}) than your current instance limit of ` +
      `${instanceLimit} allows for the specified instance type '${type.name}'.`,
  );
}

function processorLimit({ vCpuLimit }: Faults): AwsError {
  return new AwsError(
    "VcpuLimitExceeded",
    `You have requested more vCPU capacity than your current vCPU limit of ${vCpuLimit} allows ` +
      "for the instance bucket that the specified instance type belongs to.",
  );
}

function noRoom({ isSpot, type, subnet }: LaunchRequest): AwsError {
  const message = isSpot
    ? "There is no Spot capacity available that matches your request."
    : `We currently do not have sufficient ${type.name} capacity in the Availability Zone you ` +
      `requested (${subnet.zone}). Our system will be working on provisioning additional capacity.`;
  return new AwsError("InsufficientInstanceCapacity", message, 500);
}
