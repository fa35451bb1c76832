import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Node } from "../node/mod.ts";
import { Forwards } from "./forwards.ts";

/** What forwards look at of a node; `close` is what becomes of its forward. */
function nodeAt(address: string, localPort: number, close = () => Promise.resolve()): Node {
  const forward = { hostname: "127.0.0.1", port: localPort, [Symbol.asyncDispose]: close };
  const node = { name: `n${localPort}`, address, forward: () => Promise.resolve(forward) };
  return node as unknown as Node;
}

Deno.test("forwards have an IPv6 address as clients write it: with brackets, and without", async () => {
  await using forwards = await Forwards.open([nodeAt("fd00::7", 4001)], 6379);
  const end = { host: "127.0.0.1", hostname: "127.0.0.1", port: 4001 };
  deepStrictEqual(forwards.byAddress, { "[fd00::7]:6379": end, "fd00::7:6379": end });
  for (const from of ["fd00::7", "[fd00::7]"]) {
    deepStrictEqual(forwards.translate(from, 6379), end);
  }
  strictEqual(forwards.translate("fd00::8", 6379).hostname, "fd00::8");
});

Deno.test("of nodes that share an address, the first one has it", async () => {
  const nodes = [nodeAt("127.0.0.1", 4001), nodeAt("127.0.0.1", 4002)];
  await using forwards = await Forwards.open(nodes, 6379);
  strictEqual(forwards.byAddress["127.0.0.1:6379"]!.port, 4001);
  strictEqual(forwards.translate("n4002", 6379).port, 4002);
});

Deno.test("forwards are closed although closing one of them fails, which is told each time", async () => {
  const closed: number[] = [];
  const failing = nodeAt("10.0.0.1", 4001, () => Promise.reject(new Error("it is stuck")));
  const other = nodeAt("10.0.0.2", 4002, () => Promise.resolve(void closed.push(4002)));
  const forwards = await Forwards.open([failing, other], 6379);
  await rejects(forwards[Symbol.asyncDispose](), /it is stuck/);
  await rejects(forwards[Symbol.asyncDispose](), /it is stuck/);
  deepStrictEqual(closed, [4002]);
});
