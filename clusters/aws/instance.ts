import {
  DescribeInstancesCommand,
  type Filter,
  type Instance as Described,
} from "@aws-sdk/client-ec2";
import type { Aws } from "./aws.ts";
import type { TagList } from "./tags.ts";

/** Where an instance is in its life. */
export type InstanceState =
  | "pending"
  | "running"
  | "stopping"
  | "stopped"
  | "shutting-down"
  | "terminated";

/** States of an instance that may still cost something. */
export const LIVING: readonly InstanceState[] = ["pending", "running", "stopping", "stopped"];

/** States of an instance that has ended, or is about to. */
export const ENDED: readonly InstanceState[] = [
  "stopping",
  "stopped",
  "shutting-down",
  "terminated",
];

/** What EC2 says of an instance. */
export interface Instance {
  readonly id: string;
  readonly state: InstanceState;
  /** Why it is in this state, if that is known. */
  readonly reason: string | undefined;
  /** The same for programs, as in `"Server.InternalError"`. */
  readonly reasonCode: string | undefined;
  /** Where other nodes reach it. */
  readonly privateAddress: string | undefined;
  readonly publicAddress: string | undefined;
  /** Id of the VPC in which it has its private address. */
  readonly vpc?: string | undefined;
  readonly zone: string | undefined;
  readonly isSpot: boolean;
  readonly tags: TagList;
}

/** Instances on a page: as many as EC2 gives. */
const PAGE = 1000;

/** Filters by name, with the values of which one has to match. */
export type Filters = Readonly<Record<string, readonly string[]>>;

/** Filters for a request. */
export function filterList(filters: Filters): Filter[] {
  return Object.entries(filters).map(([Name, values]) => ({ Name, Values: [...values] }));
}

/**
 * The instances that match, by one call for a thousand. One that was just launched may be missing,
 * and one that has ended is there for an hour.
 */
export async function describeInstances(
  aws: Aws,
  filters: Filters,
  signal?: AbortSignal,
): Promise<Instance[]> {
  const found: Instance[] = [];
  let token: string | undefined;
  do {
    const input = { Filters: filterList(filters), MaxResults: PAGE, NextToken: token };
    const { Reservations = [], NextToken } = await aws.call(
      "look at instances",
      (options) => aws.ec2.send(new DescribeInstancesCommand(input), options),
      { signal },
    );
    for (const { Instances = [] } of Reservations) found.push(...Instances.map(toInstance));
    token = NextToken || undefined;
  } while (token !== undefined);
  return found;
}

/** What an answer says of an instance. */
export function toInstance(described: Described): Instance {
  const { Code, Message } = described.StateReason ?? {};
  const [code, message] = [Code?.trim(), Message?.trim()].map((text) => text || undefined);
  return {
    id: described.InstanceId ?? "",
    state: described.State?.Name ?? "pending",
    reason: message ?? code ?? (described.StateTransitionReason || undefined),
    reasonCode: code,
    privateAddress: described.PrivateIpAddress || undefined,
    publicAddress: described.PublicIpAddress || undefined,
    vpc: described.VpcId || undefined,
    zone: described.Placement?.AvailabilityZone,
    isSpot: described.InstanceLifecycle === "spot",
    tags: described.Tags ?? [],
  };
}
