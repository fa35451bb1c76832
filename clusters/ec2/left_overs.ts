import {
  CancelSpotInstanceRequestsCommand,
  DeleteVolumeCommand,
  DescribeSpotInstanceRequestsCommand,
  DescribeVolumesCommand,
} from "@aws-sdk/client-ec2";
import type { SweepOptions } from "../kit/mod.ts";
import {
  type Aws,
  describeInstances,
  filterList,
  LIVING,
  OWNED_TAG,
  readTags,
  type TagList,
} from "../aws/mod.ts";
import { causeOfDeath } from "../ownership/mod.ts";
import { terminateInstances } from "./terminator.ts";

/** What dead runs left of one kind. */
export interface LeftOvers {
  readonly dead: readonly { readonly id: string; readonly reason: string }[];
  /** Resolves to why some could not be removed; or rejects, with what is so of all. */
  readonly remove: (ids: readonly string[]) => Promise<Failures>;
}

/** Why something could not be removed, by its id. */
export type Failures = ReadonlyMap<string, string>;

/** Removes one after the other, whatever becomes of the first. */
export async function removeEach<T>(
  resources: readonly T[],
  idOf: (resource: T) => string,
  remove: (resource: T) => Promise<void>,
): Promise<Failures> {
  const failures = new Map<string, string>();
  for (const resource of resources) {
    await remove(resource).catch(({ message }: Error) => failures.set(idOf(resource), message));
  }
  return failures;
}

/** Whose left-overs. */
type Whose = Pick<SweepOptions, "run" | "signal">;

/** Entries on a page, and in a request. */
const PAGE = 1000;

/** Instances that are not ending already. */
export async function listInstances(aws: Aws, options: Whose): Promise<LeftOvers> {
  const filters = { "tag-key": [OWNED_TAG], "instance-state-name": LIVING };
  const instances = await describeInstances(aws, filters, options.signal);
  return {
    dead: deadOf(instances, options),
    remove: async (ids) => {
      await terminateInstances(aws, ids);
      return new Map();
    },
  };
}

/** Volumes that no instance has any more. */
export async function listVolumes(aws: Aws, options: Whose): Promise<LeftOvers> {
  const Filters = filterList({ "tag-key": [OWNED_TAG], "status": ["available"] });
  const volumes = await allPages(async (NextToken) => {
    const input = { Filters, MaxResults: PAGE, NextToken };
    const { Volumes = [], NextToken: next } = await aws.call(
      "look at volumes",
      (each) => aws.ec2.send(new DescribeVolumesCommand(input), each),
      { signal: options.signal },
    );
    const page = Volumes.map(({ VolumeId: id = "", Tags: tags = [] }) => ({ id, tags }));
    return { page, next };
  });
  return {
    dead: deadOf(volumes, options),
    remove: (ids) => removeEach(ids, (id) => id, (id) => deleteVolume(aws, id)),
  };
}

async function deleteVolume(aws: Aws, VolumeId: string): Promise<void> {
  await aws.call(
    "delete a volume",
    (options) => aws.ec2.send(new DeleteVolumeCommand({ VolumeId }), options),
  );
}

/** Requests for spot instances that may still be given some. */
export async function listSpotRequests(aws: Aws, options: Whose): Promise<LeftOvers> {
  const Filters = filterList({ "tag-key": [OWNED_TAG], "state": ["open", "active"] });
  const requests = await allPages(async (NextToken) => {
    const input = { Filters, MaxResults: PAGE, NextToken };
    const { SpotInstanceRequests = [], NextToken: next } = await aws.call(
      "look at requests for spot instances",
      (each) => aws.ec2.send(new DescribeSpotInstanceRequestsCommand(input), each),
      { signal: options.signal },
    );
    const page = SpotInstanceRequests.map(
      ({ SpotInstanceRequestId: id = "", Tags: tags = [] }) => ({ id, tags }),
    );
    return { page, next };
  });
  return {
    dead: deadOf(requests, options),
    remove: async (ids) => {
      for (let i = 0; i < ids.length; i += PAGE) {
        const input = { SpotInstanceRequestIds: ids.slice(i, i + PAGE) };
        await aws.call(
          "cancel requests for spot instances",
          (each) => aws.ec2.send(new CancelSpotInstanceRequestsCommand(input), each),
        );
      }
      return new Map();
    },
  };
}

function deadOf(
  resources: readonly { readonly id: string; readonly tags: TagList }[],
  { run }: Whose,
): LeftOvers["dead"] {
  return resources.flatMap(({ id, tags }) => {
    const owner = readTags(tags);
    const reason = owner && causeOfDeath(owner, run);
    return reason === undefined ? [] : [{ id, reason }];
  });
}

/** Whatever there is, page by page. */
async function allPages<T>(
  get: (token: string | undefined) => Promise<{ page: T[]; next: string | undefined }>,
): Promise<T[]> {
  const all: T[] = [];
  let token: string | undefined;
  do {
    const { page, next } = await get(token);
    all.push(...page);
    token = next || undefined;
  } while (token !== undefined);
  return all;
}
