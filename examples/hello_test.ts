/** The smallest cluster test: every node reads back what it was sent. */
import { strictEqual } from "node:assert/strict";
import { Cluster } from "@clustertest/clustertest";

Deno.test("every node reads back what it was sent", async () => {
  await using cluster = await Cluster.create();
  const nodes = await cluster.addNodes(5);
  await Promise.all(nodes.map(async (node) => {
    await node.writeTextFile("hello.txt", `Hello, ${node.name}!`);
    const { stdout } = await node.run("cat", ["hello.txt"]);
    strictEqual(stdout, `Hello, ${node.name}!`);
  }));
});
