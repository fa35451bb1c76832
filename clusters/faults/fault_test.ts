import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { inspect } from "node:util";
import type { ClusterEvent } from "../events/mod.ts";
import { Fault } from "./fault.ts";
import { FaultProofError } from "./fault_proof.ts";
import { healing } from "./healing.ts";

/** A fault whose heal fails, and the events that there are of it. */
function failing(error: Error): { readonly fault: Fault; readonly told: Partial<ClusterEvent>[] } {
  const told: Partial<ClusterEvent>[] = [];
  const context = { emit: (event: Partial<ClusterEvent>) => void told.push(event) };
  const heal = () =>
    healing({ id: "fault1", action: "partition a from b", context }, () => Promise.reject(error));
  return {
    fault: new Fault("partition a from b", { proof: undefined, isHealed: false, heal }),
    told,
  };
}

const notShown = new FaultProofError("heal what was done to partition a from b", {
  ...{ checks: [], links: 0, checkedLinks: 0, elapsed: 0 },
});

for (const error of [notShown, new Error("the engine does not answer")]) {
  Deno.test(`a heal that fails by a ${error.name} never hides why a test has failed, and is told`, async () => {
    const { fault, told } = failing(error);
    const own = new Error("the test's own");
    const body = async () => {
      await using _fault = fault;
      await Promise.resolve();
      throw own;
    };
    await rejects(body, (thrown) => thrown === own);
    deepStrictEqual(told.map(({ type }) => type), ["fault-healed"]);
    match((told[0] as { error: string }).error, new RegExp(error.message.slice(0, 20)));
    await rejects(fault.heal(), ({ message, name, stack }: Error) => {
      deepStrictEqual([message, name], [error.message, error.name]);
      strictEqual(stack?.includes("fault_test.ts"), true);
      return true;
    });
  });
}

Deno.test("a fault is shown with what was done, to which nodes, and whether it is healed", () => {
  const { fault } = failing(new Error("it cannot be healed"));
  for (const shown of [Deno.inspect(fault), inspect(fault), Deno.inspect([fault])]) {
    match(shown, /Fault \{ action: ["']partition a from b["'], isHealed: false \}/);
  }
});
