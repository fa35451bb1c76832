import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import type { Ec2Options } from "./ec2_options.ts";
import { mergeOptions, settingsOf } from "./merge_options.ts";

Deno.test("mergeOptions() lets a node override its backend, and adds their tags", () => {
  const backend = { instanceType: "m7g.large", tags: { team: "a", keep: "1" }, spot: true };
  const merged = mergeOptions(backend, { spot: false, tags: { team: "b" }, ami: undefined });
  strictEqual(merged.instanceType, "m7g.large");
  strictEqual(merged.spot, false);
  deepStrictEqual(merged.tags, { team: "b", keep: "1" });
});

Deno.test("settingsOf() keeps what concerns an account apart from what concerns nodes", () => {
  const { access, defaults, limits } = settingsOf({ region: "eu-west-1", maxNodes: 7, spot: true });
  strictEqual(access.region, "eu-west-1");
  deepStrictEqual(defaults, { spot: true });
  deepStrictEqual(limits, { maxNodes: 7, maxLife: 14_400_000, startTimeout: 300_000 });
});

const refused: { options: Ec2Options; message: RegExp }[] = [
  { options: { instanceType: "large" }, message: /"large" as instanceType/ },
  { options: { ami: "debian" }, message: /"debian" as ami/ },
  { options: { subnets: [] }, message: /\[\] as subnets: it has to be at least one/ },
  { options: { subnets: ["vpc-1"] }, message: /"vpc-1" as subnet/ },
  { options: { securityGroups: ["default"] }, message: /"default" as security group/ },
  { options: { addresses: "ipv6" as "public" }, message: /"ipv6" as addresses/ },
  { options: { spot: { maxPrice: 0 } }, message: /0 as maxPrice/ },
  { options: { rootVolume: { size: -1 } }, message: /-1 as size of the root volume/ },
  { options: { tags: { "clustertest:run": "x" } }, message: /"clustertest:run" as tag/ },
  { options: { maxNodes: 0 }, message: /0 as maxNodes: 1 is the least/ },
  { options: { maxLife: 1000 }, message: /1000 as maxLife: 120000 is the least/ },
  { options: { maxLife: 1e10 }, message: /10000000000 as maxLife: a week is the most/ },
  { options: { startTimeout: NaN }, message: /NaN as startTimeout/ },
];

for (const { options, message } of refused) {
  Deno.test(`settingsOf() refuses ${JSON.stringify(options)}`, () => {
    throws(() => settingsOf(options), message);
  });
}
