import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { currentProcess } from "../ownership/process_identity.ts";
import { ownedTags, readTags, tagList } from "./tags.ts";

const ownership = { run: { id: "run1", owner: currentProcess() }, clusterId: "c".repeat(12) };

Deno.test("readTags() reads whose a resource is from ownedTags()", () => {
  const tags = tagList(ownedTags(ownership, { launchId: "l", maxLife: 60_000 }));
  const { run, owner, until } = readTags(tags)!;
  deepStrictEqual({ id: run, owner }, ownership.run);
  strictEqual(until > Date.now(), true);
});

Deno.test("readTags() knows nothing of what is not a run's", () => {
  strictEqual(readTags([{ Key: "clustertest:stack", Value: "clustertest" }]), undefined);
  strictEqual(readTags(undefined), undefined);
});

Deno.test("readTags() knows no owner of what says nothing of itself", () => {
  const { run, owner } = readTags([{ Key: "clustertest", Value: "node" }])!;
  deepStrictEqual([run, owner], [undefined, undefined]);
});
