import { deepStrictEqual, rejects } from "node:assert/strict";
import { ec2 } from "../../../ec2/backend.ts";
import { TestAccount } from "../../../ec2/testing/account.ts";
import { canBoot } from "../../testing/machines/requirement.ts";
import { make } from "../../../ec2/testing/cases.ts";
import { makePolicy } from "./make_policy.ts";
import { permissions } from "./permissions.ts";
import runnerPolicy from "./runner_policy.json" with { type: "json" };

/** What runners do, each in a way that takes calls which the others do not. */
const uses: Record<string, (account: TestAccount) => Promise<void>> = {
  "a stack that is missing": async () => {
    await rejects(make({ stackName: "other" }), /account 0+ has no stack/);
  },

  "an agent that cannot be sent": async ({ server: { faults } }) => {
    faults.denied.add("s3:CompleteMultipartUpload");
    await using cluster = await make();
    await rejects(cluster.addNode(), /a permission is missing to complete the agent/);
    faults.denied.clear();
  },

  "an instance that does not answer": async ({ server: { faults } }) => {
    faults.silentBoots = 1;
    await using cluster = await make({ startTimeout: 5_000 });
    await rejects(cluster.addNode(), /console/);
  },

  "a spot instance in a subnet of one's choice, and its restart": async ({ server }) => {
    const [subnet] = server.region().region.subnets.keys();
    await using cluster = await make({ spot: true, subnets: [subnet!] });
    const node = await cluster.addNode();
    await node.restart();
  },

  "sweeps that show, and remove": async (account) => {
    const { region } = account.server.region();
    await using cluster = await make({ spot: true });
    const { spec, tags } = account.server.instance((await cluster.addNode()).id);
    const run = tags.get("clustertest:run");
    const lost = { ...region.volumes.get(spec.rootVolumeId)!, id: "vol-0123456789abcdef0" };
    region.volumes.set(lost.id, { ...lost, attachedTo: undefined });
    const kinds = (await ec2().sweep({ run, dryRun: true })).found.map(({ kind }) => kind);
    deepStrictEqual(kinds, ["instance", "spot request", "volume"]);
    await ec2().sweep({ run });
    const { found } = await ec2().sweep({ caches: true });
    deepStrictEqual(found.map(({ kind, outcome }) => [kind, outcome]), [["object", "removed"]]);
  },
};

Deno.test({
  name: "runner_policy.json is what the calls that are really made need, and no more",
  ignore: !await canBoot(),
  fn: async () => {
    await using account = await TestAccount.open({ machines: "containers" });
    account.reset();
    for (const use of Object.values(uses)) await use(account);
    const calls = Object.keys(account.server.journal.counts()).sort();
    deepStrictEqual(calls, Object.keys(permissions).sort());
    deepStrictEqual(makePolicy(calls), runnerPolicy);
  },
});
