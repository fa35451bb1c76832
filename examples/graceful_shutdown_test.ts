/** A service is watched by its output, told to end, and must finish its work before it does. */
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { clusterTest } from "@clustertest/clustertest";

/** Works until it is told to end; then it puts its affairs in order. */
const SERVICE = `
trap 'echo draining; echo saved > state.txt; echo bye; exit 0' TERM
echo ready
while :; do sleep 0.05; done
`;

Deno.test(
  "a service saves its state when it is told to end",
  clusterTest(async (cluster) => {
    const node = await cluster.addNode({ name: "service" });
    await using service = await node.spawn("sh", ["-c", SERVICE]);

    const lines: string[] = [];
    for await (const line of service.lines({ stream: "stdout" })) {
      lines.push(line);
      if (line === "ready") await service.kill("SIGTERM");
    }

    strictEqual((await service.status).code, 0);
    deepStrictEqual(lines, ["ready", "draining", "bye"]);
    strictEqual(await node.readTextFile("state.txt"), "saved\n");
  }),
);
