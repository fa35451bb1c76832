import {
  type OwnerLabels,
  ownerLabels,
  type Ownership,
  readOwnerLabels,
} from "../ownership/mod.ts";

/** The tag that marks every resource of a run, and no other resource. */
export const OWNED_TAG = "clustertest";

/** What the keys of all other tags begin with. */
const PREFIX = "clustertest:";

/** Tags by key. */
export type Tags = Readonly<Record<string, string>>;

/** What the tags of a launch say. */
export interface LaunchTags {
  readonly launchId: string;
  /** Milliseconds that the resource may live: then it is an orphan, even if nobody knows of its owner. */
  readonly maxLife: number;
}

/** Tags that tell a sweep whose a resource is, and until when it may live. */
export function ownedTags(ownership: Ownership, { launchId, maxLife }: LaunchTags): Tags {
  return {
    Name: `clustertest ${ownership.clusterId}`,
    [OWNED_TAG]: "node",
    ...ownerLabels(ownership, { prefix: PREFIX, maxLife }),
    [`${PREFIX}launch`]: launchId,
  };
}

/** Tags as requests and answers have them. */
export type TagList = readonly { readonly Key?: string; readonly Value?: string }[];

/** Tags for a request. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Reads the tags of a resource; `undefined` when it is not a run's. */
export function readTags(list: TagList = []): OwnerLabels | undefined {
  const tags = Object.fromEntries(list.map(({ Key = "", Value = "" }) => [Key, Value]));
  return tags[OWNED_TAG] === undefined ? undefined : readOwnerLabels(tags, PREFIX);
}
