import { deepStrictEqual } from "node:assert/strict";
import type { Ec2NodeOptions } from "./ec2_options.ts";
import { groupRequests } from "./node_groups.ts";

function groups(requests: Record<string, Ec2NodeOptions>): string[][] {
  const all = Object.entries(requests).map(([name, options]) => ({ name, options }));
  return groupRequests({ instanceType: "t3.small" }, all).map(({ names }) => [...names]);
}

Deno.test("groupRequests() launches together what is alike, whatever its names and variables", () => {
  deepStrictEqual(
    groups({ a: { env: { X: "1" } }, b: { name: "b" }, c: { instanceType: "t3.small" } }),
    [["a", "b", "c"]],
  );
});

Deno.test("groupRequests() keeps apart what differs", () => {
  const hook = (): void => {};
  deepStrictEqual(
    groups({ a: { spot: true }, b: {}, c: { spot: true }, d: { customize: hook } }),
    [["a", "c"], ["b"], ["d"]],
  );
});
