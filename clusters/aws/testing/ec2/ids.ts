import { AwsError } from "../protocol/aws_error.ts";

/** How a kind of resources is named in the codes of errors, and in ids. */
export interface IdKind {
  /** `InvalidInstanceID` */
  readonly code: string;
  /** `i` */
  readonly prefix: string;
  /** `instance ID` */
  readonly noun: string;
}

export const INSTANCE: IdKind = { code: "InvalidInstanceID", prefix: "i", noun: "instance ID" };

export const VOLUME: IdKind = { code: "InvalidVolume", prefix: "vol", noun: "volume" };

export const SUBNET: IdKind = { code: "InvalidSubnetID", prefix: "subnet", noun: "subnet ID" };

export const GROUP: IdKind = { code: "InvalidGroup", prefix: "sg", noun: "security group" };

export const IMAGE: IdKind = { code: "InvalidAMIID", prefix: "ami", noun: "image id" };

export const SPOT: IdKind = {
  code: "InvalidSpotInstanceRequestID",
  prefix: "sir",
  noun: "spot instance request ID",
};

/** Finds all resources by their ids; throws what EC2 answers when one is malformed or missing. */
export function findAll<T>(
  ids: readonly string[],
  kind: IdKind,
  find: (id: string) => T | undefined,
): T[] {
  for (const id of ids) {
    if (!new RegExp(`^${kind.prefix}-[0-9a-z]{8,17}$`).test(id)) {
      throw new AwsError(`${kind.code}.Malformed`, `Invalid id: "${id}"`);
    }
  }
  const found = ids.map((id) => [id, find(id)] as const);
  const missing = found.filter(([, resource]) => resource === undefined).map(([id]) => id);
  if (missing.length === 0) return found.map(([, resource]) => resource!);
  const [nouns, verb] = missing.length === 1 ? [kind.noun, "does"] : [`${kind.noun}s`, "do"];
  const message = `The ${nouns} '${missing.join(", ")}' ${verb} not exist`;
  throw new AwsError(`${kind.code}.NotFound`, message);
}
