import { Buffer } from "node:buffer";
import type {
  DescribeInstancesRequest,
  DescribeInstancesResult,
  GetConsoleOutputRequest,
  GetConsoleOutputResult,
  RebootInstancesRequest,
  Reservation,
  RunInstancesRequest,
  TerminateInstancesRequest,
  TerminateInstancesResult,
} from "@aws-sdk/client-ec2";
import { AwsError } from "../protocol/aws_error.ts";
import { operation, type Operations } from "../protocol/operation.ts";
import type { CallContext } from "../protocol/wire_request.ts";
import { instanceFilterValues } from "./describe_instance.ts";
import { applyFilters } from "./filters.ts";
import { findAll, INSTANCE } from "./ids.ts";
import { type Instance, STATE_CODES, stateReason } from "./instance.ts";
import { pageOf } from "../pages.ts";
import type { Ec2Region } from "./region.ts";
import { type LaunchParts, reservation, runInstances } from "./run_instances.ts";

/** Finds what a region is launched with. */
export type PartsOf = (context: CallContext) => LaunchParts;

/** What can be done with instances. */
export function instanceOperations(partsOf: PartsOf): Operations {
  return {
    RunInstances: operation<RunInstancesRequest, Reservation>(
      RUN_PARAMETERS,
      (input, context) => runUnlessHeld(input, partsOf(context)),
    ),
    DescribeInstances: operation<DescribeInstancesRequest, DescribeInstancesResult>(
      ["InstanceIds", "Filters", "MaxResults", "NextToken"],
      (input, context) => describeInstances(input, partsOf(context).region, context),
    ),
    TerminateInstances: operation<TerminateInstancesRequest, TerminateInstancesResult>(
      ["InstanceIds", "SkipOsShutdown"],
      (input, context) => terminateInstances(input, partsOf(context)),
    ),
    RebootInstances: operation<RebootInstancesRequest, object>(
      ["InstanceIds"],
      (input, context) => rebootInstances(input, partsOf(context)),
    ),
    GetConsoleOutput: operation<GetConsoleOutputRequest, GetConsoleOutputResult>(
      ["InstanceId", "Latest"],
      (input, context) => getConsoleOutput(input, partsOf(context).region),
    ),
  };
}

const RUN_PARAMETERS: readonly (keyof RunInstancesRequest)[] = [
  "MinCount",
  "MaxCount",
  "ClientToken",
  "DryRun",
  "ImageId",
  "InstanceType",
  "KeyName",
  "UserData",
  "SubnetId",
  "SecurityGroupIds",
  "NetworkInterfaces",
  "IamInstanceProfile",
  "InstanceInitiatedShutdownBehavior",
  "MetadataOptions",
  "BlockDeviceMappings",
  "Placement",
  "InstanceMarketOptions",
  "TagSpecifications",
];

async function runUnlessHeld(
  input: RunInstancesRequest,
  parts: LaunchParts,
): Promise<Reservation> {
  const subnet = input.NetworkInterfaces?.[0]?.SubnetId ?? "";
  await parts.faults.heldIn.get(parts.region.subnets.get(subnet)?.zone ?? "");
  return runInstances(input, parts);
}

function describeInstances(
  { InstanceIds, Filters, MaxResults, NextToken }: DescribeInstancesRequest,
  region: Ec2Region,
  { pageSize }: CallContext,
): DescribeInstancesResult {
  if (InstanceIds && MaxResults !== undefined) {
    throw new AwsError(
      "InvalidParameterCombination",
      "The parameter instancesSet cannot be used with the parameter maxResults",
    );
  }
  const seen = [...region.instances.values()].filter(({ isSeen }) => isSeen);
  const asked = InstanceIds ? findInstances(InstanceIds, region) : seen;
  const matching = applyFilters(asked, Filters, instanceFilterValues);
  const page = pageOf(matching, { MaxResults, NextToken }, pageSize);
  const groups = Map.groupBy(page.items, ({ spec }) => spec.reservationId);
  const Reservations = [...groups].map(([id, instances]) => reservation(id, instances));
  return { Reservations, NextToken: page.NextToken };
}

/** Those that are not seen yet are not found. */
function findInstances(ids: readonly string[], region: Ec2Region): Instance[] {
  const find = (id: string): Instance | undefined => {
    const instance = region.instances.get(id);
    return instance?.isSeen ? instance : undefined;
  };
  return findAll([...new Set(ids)], INSTANCE, find);
}

/** What is not seen yet can be terminated, nevertheless: it is the one that must not be left. */
function terminateInstances(
  { InstanceIds = [], SkipOsShutdown = false }: TerminateInstancesRequest,
  { region, power }: LaunchParts,
): TerminateInstancesResult {
  const find = (id: string): Instance | undefined => region.instances.get(id);
  const instances = findAll([...new Set(InstanceIds)], INSTANCE, find);
  const reason = stateReason("Client.UserInitiatedShutdown", "User initiated shutdown");
  const TerminatingInstances = instances.map((instance) => {
    const before = instance.state;
    power.terminate(instance, { reason, isAbrupt: SkipOsShutdown });
    return {
      InstanceId: instance.id,
      PreviousState: { Name: before, Code: STATE_CODES[before] },
      CurrentState: { Name: instance.state, Code: STATE_CODES[instance.state] },
    };
  });
  return { TerminatingInstances };
}

/** Answers before any of them has begun to shut down, as EC2 does. */
function rebootInstances(
  { InstanceIds = [] }: RebootInstancesRequest,
  { region, power }: LaunchParts,
): object {
  for (const instance of findInstances(InstanceIds, region)) power.reboot(instance);
  return {};
}

async function getConsoleOutput(
  { InstanceId = "" }: GetConsoleOutputRequest,
  region: Ec2Region,
): Promise<GetConsoleOutputResult> {
  const [instance] = findInstances([InstanceId], region);
  // A machine that could not boot has nothing to tell.
  const machine = await instance!.machine?.catch(() => undefined);
  const output = instance!.state === "terminated"
    ? instance!.lastConsole
    : await machine?.console() ?? "";
  const Output = Buffer.from(output).toString("base64");
  return { InstanceId, Timestamp: new Date(), Output };
}
