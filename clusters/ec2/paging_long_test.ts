/**
 * That lists of more than one page are read to their end.
 *
 * @module
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { SweptResource } from "../kit/mod.ts";
import { Aws } from "../aws/aws.ts";
import { ec2 } from "./backend.ts";
import { describeStack } from "../aws/stack/describe_stack.ts";
import { deleteStack } from "../aws/stack/setup/delete_stack.ts";
import { TestAccount } from "./testing/account.ts";
import { hex } from "../aws/testing/account.ts";
import type { Stack } from "../aws/testing/cloudformation/stack.ts";
import { Instance } from "../aws/testing/ec2/instance.ts";
import type { Bucket } from "../aws/testing/s3/bucket.ts";
import { make } from "./testing/cases.ts";

/** One more than any page of AWS has. */
const MANY = 1_001;

/** How often a list was asked to go on, by a call that has one of these parameters then. */
function nextPages({ server }: TestAccount, service: string, action: string): number {
  const marks = ["NextToken", "ContinuationToken", "UploadIdMarker"];
  return server.journal.find(service, action)
    .filter(({ input }) => marks.some((mark) => mark in input)).length;
}

Deno.test("addNodes() and the end of a cluster reach nodes on all pages", async () => {
  await using account = await TestAccount.open({ machines: "simulated" });
  account.reset();
  account.server.faults.pageSize = 5;
  {
    await using cluster = await make({ waitForTermination: true, startTimeout: 30_000 });
    const nodes = await cluster.addNodes(12);
    strictEqual(new Set(nodes.map(({ id }) => id)).size, 12);
    ok(nextPages(account, "ec2", "DescribeInstances") >= 2);
  }
  deepStrictEqual(account.server.instances.map(({ state }) => state), Array(12).fill("terminated"));
});

/** Leaves many of everything behind that a run makes; resolves to the run. */
async function leaveMany(account: TestAccount): Promise<string> {
  const { region } = account.server.region();
  const { spec, tags, volume, request } = await launchOne(account);
  for (let number = 0; number < MANY; number++) {
    const ids = { id: `i-${hex(17)}`, rootVolumeId: `vol-${hex(17)}` };
    const instance = new Instance({ ...spec, ...ids });
    region.instances.set(instance.id, instance);
    const lost = { ...volume, id: `vol-${hex(17)}`, attachedTo: undefined };
    region.volumes.set(lost.id, lost);
    const asked = { ...request, id: `sir-${hex(8)}` };
    region.spotRequests.set(asked.id, asked);
  }
  return tags.get("clustertest:run")!;
}

/** What an instance has that was launched, and is over. */
async function launchOne({ server }: TestAccount) {
  const { region } = server.region();
  await using cluster = await make({ spot: true });
  const { spec, tags } = server.instance((await cluster.addNode()).id);
  const [request] = region.spotRequests.values();
  return { spec, tags, volume: region.volumes.get(spec.rootVolumeId)!, request: { ...request! } };
}

function countKinds(found: readonly SweptResource[]): Record<string, number> {
  const removed = found.filter(({ outcome }) => outcome === "removed");
  const kinds = Object.entries(Object.groupBy(removed, ({ kind }) => kind));
  return Object.fromEntries(kinds.map(([kind, of = []]) => [kind, of.length]));
}

Deno.test("sweep() removes more of a run than a page has", async () => {
  await using account = await TestAccount.open({ machines: "simulated" });
  const run = await leaveMany(account);
  account.reset();
  const { found } = await ec2().sweep({ run });
  deepStrictEqual(countKinds(found), { "instance": MANY, "spot request": MANY, "volume": MANY });
  for (const what of ["Instances", "SpotInstanceRequests", "Volumes"]) {
    ok(nextPages(account, "ec2", `Describe${what}`) >= 1, what);
  }
  const { region } = account.server.region();
  deepStrictEqual([account.living.length, region.volumes.size], [0, 0]);
  const states = new Set([...region.spotRequests.values()].map(({ state }) => state));
  strictEqual(states.has("active"), false);
});

/** Has many agents and unfinished uploads in the stack's bucket. */
function fill(bucket: Bucket): void {
  const common = { contentType: "application/gzip", metadata: {}, tagging: undefined };
  for (let number = 0; number < MANY; number++) {
    const key = `agents/${number}`;
    const content = { body: new Uint8Array(), etag: '"0"', lastModified: new Date() };
    bucket.objects.set(key, { key, ...content, ...common });
    const upload = { id: hex(32), key: `agents/upload${number}`, initiated: new Date(0) };
    bucket.uploads.set(upload.id, { ...upload, ...common, parts: new Map() });
  }
}

Deno.test("sweep() removes more objects and uploads than a page has", async () => {
  await using account = await TestAccount.open({ machines: "simulated" });
  const [bucket] = account.server.buckets.values();
  fill(bucket!);
  account.reset();
  const { found } = await ec2().sweep({ caches: true });
  deepStrictEqual(countKinds(found), { object: 2 * MANY });
  deepStrictEqual([bucket!.objects.size, bucket!.uploads.size], [0, 0]);
  strictEqual(nextPages(account, "s3", "ListObjectsV2"), 1);
  strictEqual(nextPages(account, "s3", "ListMultipartUploads"), 1);
});

Deno.test("deleteStack() empties a bucket of more than a page, and tells all that happens", async () => {
  await using account = await TestAccount.open({ machines: "simulated" });
  const [bucket] = account.server.buckets.values();
  fill(bucket!);
  account.reset();
  account.server.faults.pageSize = 7;
  using aws = await Aws.open();
  const abortSignal = AbortSignal.timeout(60_000);
  const stack = await describeStack(aws.cloudFormation, { name: "clustertest", abortSignal });
  const [{ name, resources }] = account.server.region().stacks.current as [Stack];
  const made = [name, ...resources.keys()];
  const gone: string[] = [];
  await deleteStack(aws, {
    stack: stack!,
    interval: 50,
    onEvent: ({ LogicalResourceId: id = "", ResourceStatus }) => {
      if (ResourceStatus === "DELETE_COMPLETE") gone.push(id);
    },
  });
  ok(nextPages(account, "cloudformation", "DescribeStackEvents") >= 2);
  deepStrictEqual(gone.sort(), made.sort());
  strictEqual(account.server.buckets.size, 0);
});
