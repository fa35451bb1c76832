import { deepStrictEqual } from "node:assert/strict";
import { OPERATIONS } from "./operations.ts";

Deno.test("the protocol's description has each operation of an agent, and no other", async () => {
  const text = await Deno.readTextFile(new URL("../PROTOCOL.md", import.meta.url));
  const table = /\n\| Operation .*\n\| -+ .*\n((?:\|.*\n)+)/.exec(text)![1]!;
  const described = table.trimEnd().split("\n").flatMap((line) =>
    [...line.split("|")[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!)
  );
  deepStrictEqual(described.toSorted(), [...OPERATIONS.keys()].toSorted());
});
