import { strictEqual } from "node:assert/strict";
import { currentProcess } from "../ownership/process_identity.ts";
import { causeOfDeath } from "./cause_of_death.ts";
import { ownedTags, type OwnerTags, readTags, tagList } from "../aws/tags.ts";

const alive = currentProcess();
const dead = { ...alive, start: "long ago" };
const elsewhere = { ...alive, host: "another machine" };

function owned(owner: typeof alive, maxLife = 60_000): OwnerTags {
  const ownership = { run: { id: "run1", owner }, clusterId: "c" };
  return readTags(tagList(ownedTags(ownership, { launchId: "l", maxLife })))!;
}

const cases: { name: string; tags: OwnerTags; run?: string; cause?: string }[] = [
  { name: "what a living process owns", tags: owned(alive) },
  { name: "what a process on another machine owns", tags: owned(elsewhere) },
  {
    name: "what a dead process owned",
    tags: owned(dead),
    cause: `of run run1; its owner, process ${dead.pid}, is gone`,
  },
  {
    name: "what is too old, wherever its owner is",
    tags: owned(elsewhere, -1),
    cause: "of run run1; it has outlived its maximum life",
  },
  {
    name: "what the named run made, though its owner lives",
    tags: owned(alive),
    run: "run1",
    cause: "of run run1, which is over",
  },
  { name: "what another run left", tags: owned(dead), run: "run2" },
  { name: "what says nothing of itself", tags: readTags([{ Key: "clustertest", Value: "node" }])! },
  { name: "what has a broken owner", tags: { ...owned(alive), owner: undefined } },
];

for (const { name, tags, run, cause } of cases) {
  Deno.test(`causeOfDeath() ${cause === undefined ? "spares" : "finds"} ${name}`, () => {
    strictEqual(causeOfDeath(tags, run), cause);
  });
}

Deno.test("readTags() knows nothing of what is not a run's", () => {
  strictEqual(readTags([{ Key: "clustertest:stack", Value: "clustertest" }]), undefined);
  strictEqual(readTags(undefined), undefined);
});

Deno.test("ownedTags() fit into what EC2 takes", () => {
  const owner = { ...alive, host: `${"h".repeat(64)}/pid:[4026531836]` };
  const run = { id: "20260101000000r12345678", owner };
  const tags = ownedTags({ run, clusterId: "c".repeat(12) }, { launchId: "l", maxLife: 1 });
  strictEqual(Object.values(tags).every((value) => value.length <= 256), true);
});
