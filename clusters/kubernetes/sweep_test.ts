import { strictEqual } from "node:assert/strict";
import { currentProcess } from "../ownership/process_identity.ts";
import { ownedLabels } from "./labels.ts";
import type { LabelledObject, PodStatus } from "./pod.ts";
import { judge } from "./sweep.ts";

const alive = currentProcess();
const dead = { ...alive, start: "1" };
const elsewhere = { ...alive, namespace: "0123456789abcdef" };

function owned(
  owner: typeof alive,
  phase?: PodStatus["phase"],
  maxLife = 3_600_000,
): LabelledObject {
  const labels = ownedLabels("node", { run: { id: "run1", owner }, clusterId: "c" }, maxLife);
  return { metadata: { name: "p", labels }, ...phase && { status: { phase } } };
}

const cases: { name: string; object: LabelledObject; run?: string; cause?: string }[] = [
  { name: "what a living process owns", object: owned(alive, "Running") },
  { name: "what a process on another machine owns", object: owned(elsewhere, "Running") },
  {
    name: "what a dead process owned",
    object: owned(dead, "Running"),
    cause: `of run run1; its owner, process ${dead.pid}, is gone`,
  },
  {
    name: "what has outlived its time",
    object: owned(elsewhere, "Running", -10_000),
    cause: "of run run1; it has outlived its maximum life",
  },
  {
    name: "a pod that has ended by itself",
    object: owned(alive, "Failed"),
    cause: "of run run1; it has ended by itself",
  },
  {
    name: "all of a run that is said to be over",
    object: owned(alive, "Running"),
    run: "run1",
    cause: "of run run1, which is over",
  },
  { name: "another run than the one that is over", object: owned(dead, "Failed"), run: "run2" },
  {
    name: "what has none of our labels",
    object: { metadata: { name: "p", labels: { run: "x" } } },
  },
];

for (const { name, object, run, cause } of cases) {
  Deno.test(`judge() judges ${name}`, () => strictEqual(judge(object, run), cause));
}
