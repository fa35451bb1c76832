/**
 * When the master of a Redis crashes, a client that knows only the sentinels goes on with the replica that
 * they elect. It needs Debian's `redis-server` and `redis-sentinel`, or an image with both.
 */
import { strictEqual } from "node:assert/strict";
import { clusterTest, eventually, type Node } from "@clustertest/clustertest";
import { Redis } from "ioredis";

/** Nodes of this machine have the programs that are here; images bring their own. */
const isHere = ["local", "loopback"].includes(Deno.env.get("CLUSTERTEST_BACKEND") || "local");
const isMissing = isHere && !await Deno.stat("/usr/bin/redis-sentinel").catch(() => undefined);

async function startServer(node: Node, master: Node): Promise<void> {
  const replication = node === master ? [] : ["--replicaof", master.address, "6379"];
  const address = ["--bind", node.address, "--replica-announce-ip", node.address];
  const options = [...address, ...replication, "--protected-mode", "no"];
  // A replica has its copy at once, rather than after five seconds.
  options.push("--repl-diskless-sync-delay", "0");
  const server = await node.spawn("redis-server", options, { essential: true });
  await node.waitForPort(6379, { while: server });
}

async function startSentinel(node: Node, master: Node): Promise<void> {
  const settings = [
    `bind ${node.address}`,
    "protected-mode no",
    `sentinel announce-ip ${node.address}`,
    `sentinel monitor store ${master.address} 6379 2`,
    "sentinel down-after-milliseconds store 1000",
    "sentinel failover-timeout store 5000",
  ];
  await node.writeTextFile("sentinel.conf", settings.join("\n"));
  const sentinel = await node.spawn("redis-sentinel", ["sentinel.conf"], { essential: true });
  await sentinel.waitForOutput(/\+slave slave [^]*\+slave slave/);
}

Deno.test({
  name: "a client of Redis goes on when the master crashes",
  ignore: isMissing,
  ...{ sanitizeOps: false, sanitizeResources: false }, // ioredis leaves a timer, for two seconds.
  fn: clusterTest({ needs: ["kill", "start"], timeout: 120_000 }, async (cluster) => {
    const [master, ...replicas] = await cluster.addNodes(3);
    await startServer(master, master);
    await cluster.each((node) => startServer(node, master), replicas);
    await cluster.each((node) => startSentinel(node, master));

    await using sentinels = await cluster.forwards(26379);
    await using servers = await cluster.forwards(6379);
    const natMap = { ...sentinels.byAddress, ...servers.byAddress };
    using stack = new DisposableStack();
    const options = { sentinels: Object.values(sentinels.byAddress), name: "store", natMap };
    const redis = stack.adopt(new Redis(options), (redis) => redis.disconnect());
    redis.on("error", () => {});
    await redis.set("colour", "blue");
    strictEqual(await redis.wait(2, 10_000), 2);

    await master.kill();
    await eventually(() => redis.set("shape", "round"), { timeout: 60_000 });
    strictEqual(await redis.get("colour"), "blue");
  }),
});
