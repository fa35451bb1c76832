/** A folder is sent to every node, worked on there, and the results are brought back. */
import { deepStrictEqual } from "node:assert/strict";
import { clusterTest } from "@clustertest/clustertest";

Deno.test(
  "every node works on the tree that it was sent",
  clusterTest(async (cluster) => {
    const local = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${local}/job/input`, { recursive: true });
      await Deno.writeTextFile(`${local}/job/input/numbers.txt`, "3\n1\n2\n");
      await Deno.writeTextFile(
        `${local}/job/work.sh`,
        '#!/bin/sh\nmkdir -p output && sort input/numbers.txt > "output/$1.txt"\n',
      );
      await Deno.chmod(`${local}/job/work.sh`, 0o755);

      const nodes = await cluster.addNodes(5);
      await Promise.all(nodes.map(async (node) => {
        await node.upload(`${local}/job`, "job");
        await node.run("./work.sh", [node.name], { cwd: "job" });
        await node.download("job/output", `${local}/results/${node.name}`);
      }));

      const results = nodes.map(({ name }) => `${local}/results/${name}/${name}.txt`);
      deepStrictEqual(
        await Promise.all(results.map((path) => Deno.readTextFile(path))),
        Array(5).fill("1\n2\n3\n"),
      );
    } finally {
      await Deno.remove(local, { recursive: true });
    }
  }),
);
