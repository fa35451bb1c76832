import { strictEqual } from "node:assert/strict";
import { currentProcess } from "../ownership/process_identity.ts";
import { judgeResource } from "./judge_resource.ts";
import { cacheLabels, ownedLabels, readLabels } from "./labels.ts";
import type { LabelledResource } from "./list_resources.ts";

const alive = currentProcess();
const dead = { ...alive, start: "1" };
const elsewhere = { ...alive, namespace: "0123456789abcdef" };

function resource(
  labels: Readonly<Record<string, string>>,
  hasEnded = false,
): LabelledResource {
  const remove = (): Promise<void> => Promise.resolve();
  return {
    kind: "container",
    id: "id",
    name: "name",
    labels: readLabels(labels)!,
    hasEnded,
    remove,
  };
}

function owned(owner: typeof alive, over: Readonly<Record<string, string>> = {}): LabelledResource {
  return resource({
    ...ownedLabels("node", { run: { id: "run1", owner }, clusterId: "c" }),
    ...over,
  });
}

const cases: { name: string; resource: LabelledResource; options?: object; cause?: string }[] = [
  { name: "what a living process owns", resource: owned(alive) },
  { name: "what a process on another machine owns", resource: owned(elsewhere) },
  {
    name: "what a dead process owned",
    resource: owned(dead),
    cause: `of run run1; its owner, process ${dead.pid}, is gone`,
  },
  {
    name: "what is too old, wherever its owner is",
    resource: owned(elsewhere, { "clustertest.until": "2001-01-01T00:00:00Z" }),
    cause: "of run run1; it has outlived its maximum life",
  },
  {
    name: "what has ended",
    resource: { ...owned(elsewhere), hasEnded: true },
    cause: "of run run1; it has ended by itself",
  },
  {
    name: "a machine that is between two starts",
    resource: { ...owned(alive, { clustertest: "machine" }), hasEnded: true },
  },
  {
    name: "what the named run made, though its owner lives",
    resource: owned(alive),
    options: { run: "run1" },
    cause: "of run run1, which is over",
  },
  { name: "what another run left", resource: owned(dead), options: { run: "run2" } },
  { name: "what says nothing of itself", resource: resource({ clustertest: "node" }) },
  { name: "a cache", resource: resource(cacheLabels("1")) },
  {
    name: "a cache, for a run",
    resource: resource(cacheLabels("1")),
    options: { run: "run1", caches: true },
  },
  {
    name: "a cache, when caches are asked for",
    resource: resource(cacheLabels("1")),
    options: { caches: true },
    cause: "a cache of the agent",
  },
];

for (const { name, resource, options = {}, cause } of cases) {
  Deno.test(`judgeResource() ${cause === undefined ? "spares" : "finds"} ${name}`, () => {
    strictEqual(judgeResource(resource, options), cause);
  });
}

Deno.test("readLabels() knows nothing of what is not ours", () => {
  strictEqual(readLabels({ "clustertest.run": "run1" }), undefined);
});
