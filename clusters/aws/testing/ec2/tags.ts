import type { Tag, TagSpecification } from "@aws-sdk/client-ec2";
import { AwsError } from "../protocol/aws_error.ts";

/** The tags of a resource. */
export type Tags = Map<string, string>;

const MAX_TAGS = 50;

/** Reads tags, and refuses those that EC2 would. */
export function readTags(tags: readonly Tag[] = []): Tags {
  const read: Tags = new Map();
  for (const { Key = "", Value = "" } of tags) {
    if (read.has(Key)) throw invalid(`Duplicate tag key '${Key}' specified.`);
    if (Key === "" || Key.length > 128) throw invalid(`Tag key exceeds the maximum length of 128`);
    if (Value.length > 256) throw invalid(`Tag value exceeds the maximum length of 256`);
    if (/^aws:/i.test(Key)) throw invalid("Tag keys starting with 'aws:' are reserved");
    read.set(Key, Value);
  }
  if (read.size > MAX_TAGS) {
    throw new AwsError("TagLimitExceeded", `The maximum number of tags is ${MAX_TAGS}`);
  }
  return read;
}

/** The tags for each kind of resource that a call creates. */
export function readTagSpecifications(
  specifications: readonly TagSpecification[] = [],
  kinds: readonly string[],
): (kind: string) => Tags {
  const byKind = new Map<string, Tags>();
  for (const { ResourceType = "", Tags } of specifications) {
    if (!kinds.includes(ResourceType)) {
      throw invalid(`'${ResourceType}' is not a valid taggable resource type for this operation.`);
    }
    if (byKind.has(ResourceType)) throw invalid(`'${ResourceType}' is specified twice`);
    byKind.set(ResourceType, readTags(Tags));
  }
  return (kind) => new Map(byKind.get(kind));
}

/** As EC2 describes them. */
export function tagList(tags: Tags): Tag[] {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterValue", message);
}
