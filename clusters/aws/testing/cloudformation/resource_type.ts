import type { Ec2Region } from "../ec2/region.ts";
import type { Buckets } from "../s3/bucket.ts";

/** The properties of a resource, without calls of functions. */
export type Properties = Readonly<Record<string, unknown>>;

/** Where resources are made. */
export interface ResourcePlace {
  readonly ec2: Ec2Region;
  readonly buckets: Buckets;
  readonly stackName: string;
  readonly logicalId: string;
}

/** A resource that was made. */
export interface MadeResource {
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** A kind of resources that templates may have. */
export interface ResourceType {
  /** The properties that it may have; a change of one that is `true` is made without replacement. */
  readonly properties: Readonly<Record<string, boolean>>;
  readonly required?: readonly string[];
  /** The capability that a deployment has to acknowledge. */
  readonly capability?: "CAPABILITY_IAM";
  create(properties: Properties, place: ResourcePlace): MadeResource;
  /** Takes over properties that may change in place. */
  update?(physicalId: string, properties: Properties, place: ResourcePlace): void;
  /** Throws when something still depends on it. */
  remove?(physicalId: string, place: ResourcePlace): void;
}
