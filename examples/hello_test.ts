/** The smallest cluster test: every node reads back what it was sent. */
import { strictEqual } from "node:assert/strict";
import { clusterTest } from "@clustertest/clustertest";

Deno.test(
  "every node reads back what it was sent",
  clusterTest(async (cluster) => {
    await cluster.addNodes(5);
    await cluster.each(async (node) => {
      await node.writeTextFile("hello.txt", `Hello, ${node.name}!`);
      const { stdout } = await node.run("cat", ["hello.txt"]);
      strictEqual(stdout, `Hello, ${node.name}!`);
    });
  }),
);
