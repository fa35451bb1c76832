/**
 * While a master of Redis is heard by nobody, its sentinels elect another one, and what it acknowledges is
 * lost: a known property of Redis, which this test has to find. It needs nodes with a network of their
 * own, and an image with Redis and its sentinel.
 */
import { notStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { abilitiesOf, clusterTest, eventually, type Node } from "@clustertest/clustertest";

async function redis(node: Node, ...command: string[]): Promise<string[]> {
  const { stdout } = await node.run("redis-cli", ["-h", node.address, ...command]);
  return stdout.trim().split("\n");
}

const sentinel = (node: Node, ...command: string[]) =>
  redis(node, "-p", "26379", "sentinel", ...command);

async function startServer(node: Node, ...replication: string[]): Promise<void> {
  const options = ["--protected-mode", "no", "--repl-diskless-sync-delay", "0", ...replication];
  const server = await node.spawn("redis-server", options, { essential: true });
  await node.waitForPort(6379, { while: server });
}

async function startSentinel(node: Node, { address }: Node): Promise<void> {
  const settings = `
    protected-mode no
    sentinel monitor store ${address} 6379 2
    sentinel down-after-milliseconds store 1000
    sentinel failover-timeout store 3000`;
  await node.writeTextFile("sentinel.conf", settings);
  const process = await node.spawn("redis-sentinel", ["sentinel.conf"], { essential: true });
  await process.waitForOutput(/(\+(slave slave|sentinel sentinel) [^]*){3}/);
  // An old master is a replica after a second, and not after twenty.
  await sentinel(node, "debug", "publish-period", "200", "info-period", "200");
}

/** Throws an error that names those of the acknowledged writes which a node does not have. */
async function checkWrites(node: Node, acknowledged: readonly string[]): Promise<void> {
  const kept = await redis(node, "keys", "*");
  const lost = acknowledged.filter((key) => !kept.includes(key));
  if (lost.length > 0) throw new Error(`Lost: ${lost.join()}`);
}

Deno.test({
  name: "a Redis whose master is heard by nobody loses acknowledged writes",
  ignore: !(await abilitiesOf()).includes("partition"),
  fn: clusterTest({ needs: ["partition"], timeout: 120_000 }, async (cluster) => {
    const [master, one, other] = await cluster.addNodes(3);
    await startServer(master);
    const replication = ["--replicaof", master.address, "6379"];
    await cluster.each((node) => startServer(node, ...replication), [one, other]);
    // One beside the master would, once it is heard again, take the elected one for a replica gone astray.
    await cluster.each((node) => startSentinel(node, master), [one, other]);
    const acknowledged: string[] = [];
    const set = async (key: string) => {
      strictEqual((await redis(master, "set", key, "kept"))[0], "OK");
      acknowledged.push(key);
    };
    await set("early");
    await cluster.each((node) => eventually(() => checkWrites(node, acknowledged)));

    const cut = await cluster.faults.block({ from: master, to: [one, other] });
    await eventually(async () => {
      await set(`late-${acknowledged.length}`);
      const [elected] = await sentinel(one, "get-master-addr-by-name", "store");
      notStrictEqual(elected, master.address);
    }, { timeout: 60_000 });
    await cut.heal();
    const lost = new RegExp(`Lost: ${acknowledged.slice(1).join()}$`);
    await cluster.each((node) => eventually(() => rejects(checkWrites(node, acknowledged), lost)));
  }),
});
