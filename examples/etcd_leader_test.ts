/**
 * An etcd cluster loses its leader and goes on; the old leader comes back, and has what it missed. It
 * needs Debian's packages `etcd-server` and `etcd-client`, or containers of an image with both programs.
 */
import { ok, strictEqual } from "node:assert/strict";
import { clusterTest, eventually, type Node } from "@clustertest/clustertest";

/** Nodes of this machine have the programs that are here; images bring their own. */
const isHere = ["local", "loopback"].includes(Deno.env.get("CLUSTERTEST_BACKEND") || "local");
const isMissing = isHere && !await Deno.stat("/usr/bin/etcd").catch(() => undefined);

const client = ({ address }: Node) => `http://${address}:2379`;
const peer = ({ address }: Node) => `http://${address}:2380`;

async function start(node: Node, nodes: readonly Node[]): Promise<void> {
  const options = {
    "name": node.name,
    "data-dir": "data",
    "listen-client-urls": client(node),
    "advertise-client-urls": client(node),
    "listen-peer-urls": peer(node),
    "initial-advertise-peer-urls": peer(node),
    "initial-cluster": nodes.map((each) => `${each.name}=${peer(each)}`).join(),
  };
  const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const etcd = await node.spawn("etcd", args, { essential: true });
  await node.waitForHttp(`${client(node)}/health`, { while: etcd });
}

/** Whom a member takes for the leader, and who it is itself. */
async function status(node: Node): Promise<{ leader: string; self: string }> {
  const url = `${client(node)}/v3/maintenance/status`;
  const { leader, header } = await (await node.fetch(url, { method: "POST", body: "{}" })).json();
  return { leader, self: header.member_id };
}

async function etcdctl(node: Node, ...args: string[]): Promise<string> {
  return (await node.run("etcdctl", [`--endpoints=${client(node)}`, ...args])).stdout.trim();
}

Deno.test({
  name: "an etcd cluster loses its leader and goes on",
  ignore: isMissing,
  fn: clusterTest({ needs: ["kill", "start"], timeout: 120_000 }, async (cluster) => {
    const nodes = await cluster.addNodes(3);
    await cluster.each((node) => start(node, nodes));
    await eventually(() => etcdctl(nodes[0], "put", "colour", "blue"));
    const leader = await eventually(async () => {
      const members = await cluster.each(status);
      const leader = nodes[members.findIndex(({ leader, self }) => leader === self)];
      ok(leader, "they elect one");
      return leader;
    });
    const [other, another] = nodes.filter((node) => node !== leader) as [Node, Node];
    await leader.kill();
    await eventually(() => etcdctl(other, "put", "colour", "green"));
    const read = ["get", "colour", "--print-value-only"];
    strictEqual(await eventually(() => etcdctl(another, ...read)), "green");

    await leader.start();
    await start(leader, nodes);
    strictEqual(await eventually(() => etcdctl(leader, ...read)), "green");
  }),
});
