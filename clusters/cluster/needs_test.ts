import { deepStrictEqual, match, rejects } from "node:assert/strict";
import { docker } from "../docker/mod.ts";
import { ec2 } from "../ec2/mod.ts";
import type { AbilityName, Backend } from "../kit/mod.ts";
import { kubernetes } from "../kubernetes/mod.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import { Cluster } from "./cluster.ts";

/** What is there of each, of the abilities by which faults are made. */
const FAULTS: readonly (readonly [Backend<never>, readonly AbilityName[]])[] = [
  [docker(), ["partition", "shape", "cpu", "memory", "fullDisk"]],
  [ec2(), ["partition", "shape", "fullDisk"]],
  [kubernetes(), ["partition", "shape", "fullDisk"]],
  [local(), []],
  [loopback(), []],
];

const ALL = ["partition", "shape", "cpu", "memory", "fullDisk"] as const;

/** A backend that says when it is used. */
function unopened({ name, abilities, recipe }: Backend<never>): Backend {
  const opened = () => Promise.reject(new Error("it was opened"));
  return { name, abilities, recipe, open: opened, sweep: opened };
}

for (const [backend, has] of FAULTS) {
  Deno.test(`a test on ${backend.name} that needs a fault goes on, or fails before anything is made`, async () => {
    for (const ability of ALL) {
      const created = Cluster.create(unopened(backend), { needs: [ability], progress: false });
      if (has.includes(ability)) {
        await rejects(created, /it was opened/);
        continue;
      }
      const error = await created.then(() => undefined, (error) => error);
      deepStrictEqual([error.name, error.ability], ["MissingAbilityError", ability]);
      match(error.message, new RegExp(`needs: \\["${ability}"\\]; .*docker\\(`));
    }
  });
}
