import type { Reservation, RunInstancesRequest } from "@aws-sdk/client-ec2";
import { ACCOUNT, newId } from "../account.ts";
import type { Faults } from "../faults.ts";
import type { Machines } from "../machines/machine.ts";
import { AwsError } from "../protocol/aws_error.ts";
import { describeInstance } from "./describe_instance.ts";
import { Instance } from "./instance.ts";
import { admit } from "./launch_limits.ts";
import { type LaunchRequest, readLaunchRequest } from "./launch_request.ts";
import type { Power } from "./power.ts";
import type { Ec2Region } from "./region.ts";

/** What launches are made with. */
export interface LaunchParts {
  readonly region: Ec2Region;
  readonly machines: Machines;
  readonly power: Power;
  readonly faults: Faults;
}

/** Launches instances; a repetition with the same token launches nothing, and answers the same. */
export function runInstances(input: RunInstancesRequest, parts: LaunchParts): Reservation {
  if (input.DryRun) throw new AwsError("DryRunOperation", "Request would have succeeded", 412);
  const earlier = earlierReservation(input, parts.region);
  const reservationId = earlier ?? launch(input, parts);
  const instances = [...parts.region.instances.values()]
    .filter(({ spec }) => spec.reservationId === reservationId);
  return reservation(reservationId, instances);
}

/** As EC2 describes instances that were launched together. */
export function reservation(id: string, instances: readonly Instance[]): Reservation {
  return { ReservationId: id, OwnerId: ACCOUNT, Instances: instances.map(describeInstance) };
}

function earlierReservation(input: RunInstancesRequest, region: Ec2Region): string | undefined {
  const earlier = region.tokens.get(input.ClientToken ?? "");
  if (earlier === undefined || earlier.input === JSON.stringify(input)) {
    return earlier?.reservationId;
  }
  throw new AwsError(
    "IdempotentParameterMismatch",
    "The client token you have provided was already used with different parameters",
  );
}

function launch(input: RunInstancesRequest, parts: LaunchParts): string {
  const { region, faults, power } = parts;
  const request = readLaunchRequest(input, region);
  const count = admit(request, region, faults);
  const reservationId = newId("r");
  for (let index = 0; index < count; index++) {
    const instance = makeInstance(request, { reservationId, index, parts });
    region.instances.set(instance.id, instance);
    addResources(instance, request, region);
    power.switchOn(instance, request);
  }
  if (input.ClientToken !== undefined) {
    region.tokens.set(input.ClientToken, { input: JSON.stringify(input), reservationId });
  }
  return reservationId;
}

function makeInstance(
  request: LaunchRequest,
  { reservationId, index, parts }: { reservationId: string; index: number; parts: LaunchParts },
): Instance {
  const { subnet, groups, hasPublic, tagsFor } = request;
  const { machines, faults } = parts;
  return new Instance({
    ...request,
    id: newId("i"),
    reservationId,
    launchIndex: index,
    subnetId: subnet.id,
    vpcId: subnet.vpcId,
    zone: subnet.zone,
    groupIds: groups.map(({ id }) => id),
    addresses: machines.newAddresses({ hasPublic }),
    rootVolumeId: newId("vol"),
    tags: tagsFor("instance"),
    networkInterfaceTags: tagsFor("network-interface"),
    seenFrom: Date.now() + faults.unseenFor,
    pendingUntil: Date.now() + faults.pendingFor,
  });
}

/** What comes with an instance. */
function addResources(
  instance: Instance,
  { volume, tagsFor }: LaunchRequest,
  region: Ec2Region,
): void {
  const { rootVolumeId, zone, isSpot } = instance.spec;
  region.volumes.set(rootVolumeId, {
    ...volume,
    id: rootVolumeId,
    zone,
    createTime: instance.launchTime,
    tags: tagsFor("volume"),
    attachedTo: instance.id,
  });
  if (!isSpot) return;
  const id = newId("sir").slice(0, "sir-".length + 8);
  region.spotRequests.set(id, {
    id,
    createTime: instance.launchTime,
    instance,
    tags: tagsFor("spot-instances-request"),
    state: "active",
    status: "fulfilled",
  });
}
