/** A service is watched by its output, told to end, and must finish its work before it does. */
import { strictEqual } from "node:assert/strict";
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
    await using service = await node.spawn("sh", ["-c", SERVICE], { stdout: "piped" });

    // A chunk may be a part of a line, or several lines.
    let output = "";
    for await (const chunk of service.stdout.pipeThrough(new TextDecoderStream())) {
      output += chunk;
      if (output === "ready\n") await service.kill("SIGTERM");
    }

    strictEqual((await service.status).code, 0);
    strictEqual(output, "ready\ndraining\nbye\n");
    strictEqual(await node.readTextFile("state.txt"), "saved\n");
  }),
);
