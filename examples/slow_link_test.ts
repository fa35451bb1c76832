/**
 * A service asks a store ten times, one after the other, and gives up after half a second. That is plenty
 * within one machine, and too short once the answers take 80 ms. It needs nodes with a network of their
 * own, and an image with Redis.
 */
import { rejects, strictEqual } from "node:assert/strict";
import { abilitiesOf, clusterTest, eventually } from "@clustertest/clustertest";

Deno.test({
  name: "a service whose time-out is too short for 80 ms of latency has to ask less often",
  ignore: !(await abilitiesOf()).includes("shape"),
  fn: clusterTest({ needs: ["shape"], timeout: 120_000 }, async (cluster) => {
    const [store, service] = await cluster.addNodes(2);
    const server = await store.spawn("redis-server", ["--protected-mode", "no"], {
      essential: true,
    });
    await store.waitForPort(6379, { while: server });

    const ask = async (...question: string[]) => {
      const client = ["0.5", "redis-cli", "-h", store.address, ...question];
      return (await service.run("timeout", client)).stdout;
    };
    await eventually(() => ask("SET", "price", "5"));
    const oneByOne = ["-r", "10", "GET", "price"];
    const atOnce = ["MGET", ...Array<string>(10).fill("price")];
    const prices = "5\n".repeat(10);
    await eventually(async () => strictEqual(await ask(...oneByOne), prices));

    await using _slow = await cluster.faults.shape({ from: store, to: service }, { latency: 80 });
    await rejects(ask(...oneByOne), /exited with code 124/);
    await eventually(async () => strictEqual(await ask(...atOnce), prices));
  }),
});
