import { deepStrictEqual, throws } from "node:assert/strict";
import { local } from "../local/mod.ts";
import { testConformance } from "./test_conformance.ts";

for (const option of ["groups", "exceptGroups"]) {
  Deno.test(`testConformance() refuses a group that there is none of, in ${option}`, () => {
    const register = () => testConformance(local(), { [option]: ["files", "fiels"] });
    throws(register, /Cannot test conformance: there is no group named "fiels"/);
  });
}

Deno.test("testConformance() refuses a case that there is none of", () => {
  const register = () => testConformance(local(), { cases: ["a node says what it is", "it is"] });
  throws(register, /Cannot test conformance: there is no case named "it is"/);
});

testConformance(local(), { name: "a node of this machine", cases: ["a node says what it is"] });

Deno.test("testConformance() has one test for the groups that share a cluster, but for other sanitizers", () => {
  const groups = ["options", "unnamed signals", "names"];
  const test = Deno.test;
  const seen: unknown[] = [];
  const deno = Deno as { test: typeof Deno.test };
  deno.test = ((each: Deno.TestDefinition) => {
    seen.push([each.name, each.sanitizeResources]);
  }) as typeof Deno.test;
  try {
    testConformance(local(), { groups, sharesCluster: true });
    testConformance(local(), { groups: groups.slice(1, 2), sharesCluster: true });
  } finally {
    deno.test = test;
  }
  const other = ["local conforms: unnamed signals", false];
  deepStrictEqual(seen, [["local conforms: on one cluster", undefined], other, other]);
});

Deno.test("testConformance() refuses a deviation from a case that there is none of", () => {
  const register = () => testConformance(local(), { deviations: { "does it all": "it cannot" } });
  throws(register, /Cannot test conformance: there is no case named "does it all"/);
});
