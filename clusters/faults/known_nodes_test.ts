import { deepStrictEqual, rejects } from "node:assert/strict";
import type { Node } from "../node/mod.ts";
import { KnownNodes } from "./known_nodes.ts";

Deno.test("a node is known once the faults that there are were updated to it", async () => {
  const [a, b] = [{}, {}] as [Node, Node];
  const known = new KnownNodes();
  const seen = () => [
    known.hasEndsOf({ from: a, to: "outside" }),
    known.hasEndsOf({ from: "outside", to: b }),
    known.hasEndsOf({ from: a, to: b }),
  ];
  await rejects(known.learn([a, b], () => Promise.reject(new Error("enough"))), /enough/);
  deepStrictEqual(seen(), [false, false, false]);
  await known.learn([a], () => {
    deepStrictEqual(seen(), [false, false, false]);
    return Promise.resolve();
  });
  deepStrictEqual(seen(), [true, false, false]);
  await known.learn([a, b], () => Promise.resolve());
  deepStrictEqual(seen(), [true, true, true]);
});
