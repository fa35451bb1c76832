import { deepStrictEqual } from "node:assert/strict";
import { startsOf } from "./instance_polls.ts";

for (
  const [launches, filters] of [
    [["a", "b"], { "tag:clustertest:launch": ["a", "b"] }],
    [Array.from({ length: 201 }, (_, i) => `${i}`), { "tag:clustertest:cluster": ["c"] }],
  ] as const
) {
  Deno.test(`startsOf() asks for what ${launches.length} launches are waiting for`, () => {
    deepStrictEqual(startsOf({ clusterId: "c", launches: new Set(launches) }), filters);
  });
}
