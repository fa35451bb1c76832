import { strictEqual } from "node:assert/strict";
import { causeOfDeath } from "./cause_of_death.ts";
import { currentProcess } from "./process_identity.ts";
import type { OwnerLabels } from "./owner_labels.ts";

const alive = currentProcess();
const dead = { ...alive, start: "1" };
const elsewhere = { ...dead, namespace: "0123456789abcdef" };

function owned(owner: OwnerLabels["owner"], maxLife = 60_000): OwnerLabels {
  return { run: "run1", owner, until: Date.now() + maxLife };
}

const cases: { name: string; labels: OwnerLabels; run?: string; cause?: string }[] = [
  { name: "what a living process owns", labels: owned(alive) },
  {
    name: "what a living process owns, when the clock says that it is too old",
    labels: owned(alive, -1),
  },
  { name: "what a process elsewhere owns", labels: owned(elsewhere) },
  { name: "what an owner that cannot be read owns", labels: owned(undefined) },
  {
    name: "what a dead process owned",
    labels: owned(dead),
    cause: `of run run1; its owner, process ${dead.pid}, is gone`,
  },
  {
    name: "what is too old, wherever its owner is",
    labels: owned(elsewhere, -1),
    cause: "of run run1; it has outlived its maximum life",
  },
  {
    name: "what is too old, when its owner cannot be read",
    labels: owned(undefined, -1),
    cause: "of run run1; it has outlived its maximum life",
  },
  {
    name: "what the named run made, though its owner lives",
    labels: owned(alive),
    run: "run1",
    cause: "of run run1, which is over",
  },
  { name: "what another run left", labels: owned(dead), run: "run2" },
  {
    name: "what says nothing of itself",
    labels: { run: undefined, owner: undefined, until: NaN },
  },
];

Deno.test("causeOfDeath() takes the time that it is given for the clock's", () => {
  const labels = owned(elsewhere);
  strictEqual(causeOfDeath(labels, undefined, Date.now()), undefined);
  strictEqual(
    causeOfDeath(labels, undefined, Date.now() + 120_000),
    "of run run1; it has outlived its maximum life",
  );
});

for (const { name, labels, run, cause } of cases) {
  Deno.test(`causeOfDeath() ${cause === undefined ? "spares" : "finds"} ${name}`, () => {
    strictEqual(causeOfDeath(labels, run), cause);
  });
}
