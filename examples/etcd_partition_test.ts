/**
 * An etcd cluster whose leader is cut off keeps every write that it has acknowledged, and the old leader
 * refuses to write. It needs nodes with a network of their own, and an image with etcd and its client.
 */
import { deepStrictEqual, doesNotMatch, ok, rejects } from "node:assert/strict";
import { abilitiesOf, clusterTest, eventually, type Node } from "@clustertest/clustertest";

const client = ({ address }: Node) => `http://${address}:2379`;
const peer = ({ address }: Node) => `http://${address}:2380`;

async function start(node: Node, nodes: readonly Node[]): Promise<void> {
  const all = nodes.map((each) => `${each.name}=${peer(each)}`).join();
  const args = ["--name", node.name, "--data-dir", "data", "--initial-cluster", all];
  for (const verb of ["listen", "advertise"]) args.push(`--${verb}-client-urls`, client(node));
  for (const verb of ["listen", "initial-advertise"]) args.push(`--${verb}-peer-urls`, peer(node));
  const etcd = await node.spawn("etcd", args, { essential: true });
  await node.waitForHttp(`${client(node)}/health`, { while: etcd });
}

async function isLeader(node: Node): Promise<boolean> {
  const url = `${client(node)}/v3/maintenance/status`;
  const { leader, header } = await (await node.fetch(url, { method: "POST", body: "{}" })).json();
  return leader === header.member_id;
}

const etcdctl = (node: Node, ...args: string[]) =>
  node.run("etcdctl", [`--endpoints=${client(node)}`, "--command-timeout=1s", ...args]);

Deno.test({
  name: "an etcd cluster whose leader is cut off keeps every acknowledged write",
  ignore: !(await abilitiesOf()).includes("partition"),
  fn: clusterTest({ needs: ["partition"], timeout: 120_000 }, async (cluster) => {
    const nodes = await cluster.addNodes(3);
    await cluster.each((node) => start(node, nodes));
    const leader = await eventually(async () => {
      const leader = nodes[(await cluster.each(isLeader)).indexOf(true)];
      ok(leader, "they elect one");
      return leader;
    });
    const followers = nodes.filter((node) => node !== leader);
    const acknowledged: string[] = [];
    const put = async (node: Node, key: string) => {
      await etcdctl(node, "put", key, "kept");
      acknowledged.push(key);
    };
    const refusal = /request timed out|deadline exceeded/;
    const refused = rejects(async () => {
      for (let i = 0;; i++) await put(leader, `before-${i}`);
    }, refusal);
    const [cut] = await Promise.all([cluster.faults.partition([leader, followers]), refused]);
    await eventually(() => put(followers[0]!, "meanwhile"));
    await rejects(put(leader, "refused"), refusal);

    await cut.heal();
    for (const node of nodes) {
      const { stdout } = await eventually(() => etcdctl(node, "get", "", "--prefix"));
      deepStrictEqual(acknowledged.filter((key) => !stdout.split("\n").includes(key)), []);
      doesNotMatch(stdout, /refused/);
    }
  }),
});
