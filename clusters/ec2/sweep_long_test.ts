import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import type { SweptResource } from "../kit/mod.ts";
import { BackendUnusableError } from "../errors.ts";
import { ec2 } from "./backend.ts";
import { TestAccount } from "./testing/account.ts";
import { make } from "./testing/cases.ts";

/** What became of each, by kind and id. */
function outcomes(found: readonly SweptResource[]): Record<string, string> {
  return Object.fromEntries(found.map(({ kind, id, outcome }) => [
    `${kind} ${id}`,
    typeof outcome === "object" ? outcome.failed : outcome,
  ]));
}

/** Leaves volumes behind, for each id one. */
async function leaveVolumes(account: TestAccount, ids: readonly string[]): Promise<string> {
  const { region } = account.server.region();
  await using cluster = await make();
  const { spec, tags } = account.server.instance((await cluster.addNode()).id);
  const volume = region.volumes.get(spec.rootVolumeId)!;
  for (const id of ids) region.volumes.set(id, { ...volume, id, attachedTo: undefined });
  return tags.get("clustertest:run")!;
}

Deno.test("sweep() reaches instances, and says what it cannot list", async () => {
  await using account = await TestAccount.open({ machines: "simulated" });
  await using cluster = await make();
  const { id } = await cluster.addNode();
  const run = account.server.instance(id).tags.get("clustertest:run");
  account.server.faults.denied.add("ec2:DescribeSpotInstanceRequests");
  const { found } = await ec2().sweep({ run });
  const { [`instance ${id}`]: instance, "spot request *": requests, ...rest } = outcomes(found);
  strictEqual(instance, "removed");
  match(requests!, /a permission is missing to look at requests for spot instances/);
  deepStrictEqual(rest, {});
  await account.until(({ length }) => length === 0);
});

Deno.test("sweep() rejects when nothing can be listed", async () => {
  await using account = await TestAccount.open({ machines: "simulated" });
  account.server.faults.credentialsExpired = true;
  for (const options of [{}, { run: "nobody" }]) {
    await rejects(ec2().sweep(options), BackendUnusableError);
  }
});

Deno.test("sweep() finds no objects where there is no stack, and says when it cannot tell", async () => {
  await using account = await TestAccount.open({ machines: "simulated" });
  deepStrictEqual((await ec2({ stackName: "other" }).sweep()).found, []);
  account.server.faults.denied.add("cloudformation:DescribeStacks");
  const found = outcomes((await ec2({ stackName: "other" }).sweep()).found);
  match(found["object *"]!, /a permission is missing to find the stack "other"/);
});

Deno.test("sweep() removes the other volumes when one cannot be", async () => {
  await using account = await TestAccount.open({ machines: "simulated" });
  const ids = ["vol-00000000000000001", "vol-00000000000000002", "vol-00000000000000003"];
  const run = await leaveVolumes(account, ids);
  const { volumes } = account.server.region().region;
  const lost = "vol-0000000000000000f";
  volumes.set(ids[0]!, { ...volumes.get(ids[0]!)!, id: lost });
  const { found } = await ec2().sweep({ run });
  match(outcomes(found)[`volume ${lost}`]!, /InvalidVolume.NotFound/);
  // However often it was looked for.
  strictEqual(found.filter(({ id }) => id === lost).length, 1);
  deepStrictEqual([...volumes.keys()], [ids[0]]);
});

Deno.test("sweep() says which objects S3 keeps", async () => {
  await using account = await TestAccount.open({ machines: "simulated" });
  const [bucket] = account.server.buckets.values();
  const object = {
    body: new Uint8Array(),
    etag: '"0"',
    lastModified: new Date(),
    contentType: "application/gzip",
    metadata: {},
    tagging: undefined,
  };
  for (const key of ["agents/a", "agents/b"]) bucket!.objects.set(key, { ...object, key });
  bucket!.locked.add("agents/a");
  deepStrictEqual(outcomes((await ec2().sweep({ caches: true })).found), {
    "object agents/a": "AccessDenied: Access Denied",
    "object agents/b": "removed",
  });
});
