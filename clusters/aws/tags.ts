import type { ProcessIdentity, RunIdentity } from "../kit/mod.ts";

/** The tag that everything has that is a run's, and that nothing else has. */
export const OURS = "clustertest";

/** Tags by key. */
export type Tags = Readonly<Record<string, string>>;

/** What of a run a resource belongs to. */
export interface Ownership {
  readonly run: RunIdentity;
  readonly clusterId: string;
}

/** What of a cluster a resource belongs to. */
export interface LaunchTags {
  readonly launchId: string;
  /** Milliseconds that it may live; then it is dead even if nobody can tell of its owner. */
  readonly maxLife: number;
}

/** Tags that tell a sweep whose a resource is, and until when it may live. */
export function ownedTags({ run, clusterId }: Ownership, { launchId, maxLife }: LaunchTags): Tags {
  return {
    Name: `clustertest ${clusterId}`,
    [OURS]: "node",
    "clustertest:run": run.id,
    "clustertest:cluster": clusterId,
    "clustertest:launch": launchId,
    "clustertest:owner": JSON.stringify(run.owner),
    "clustertest:until": new Date(Date.now() + maxLife).toISOString(),
  };
}

/** Tags as requests and answers have them. */
export type TagList = readonly { readonly Key?: string; readonly Value?: string }[];

/** Tags for a request. */
export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** What tags say. */
export interface OwnerTags {
  readonly run: string | undefined;
  readonly owner: ProcessIdentity | undefined;
  /** Milliseconds since the epoch; not a number when the tag is missing. */
  readonly until: number;
}

/** Reads the tags of a resource; `undefined` when it is not a run's. */
export function readTags(list: TagList = []): OwnerTags | undefined {
  const tags = Object.fromEntries(list.map(({ Key = "", Value = "" }) => [Key, Value]));
  if (tags[OURS] === undefined) return undefined;
  return {
    run: tags["clustertest:run"],
    owner: parseOwner(tags["clustertest:owner"]),
    until: Date.parse(tags["clustertest:until"] ?? ""),
  };
}

function parseOwner(text = "null"): ProcessIdentity | undefined {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
