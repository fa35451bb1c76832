/**
 * An etcd cluster of two containers and a process of this machine, which find each other by links. The
 * process is cut off, and catches up. It needs Debian's packages `etcd-server` and `etcd-client` here, an
 * engine, and an image that has both programs.
 */
import { strictEqual } from "node:assert/strict";
import { clusterTest, eventually, type Mesh, type Node } from "@clustertest/clustertest";
import { composed } from "@clustertest/clustertest/composed";
import { docker } from "@clustertest/clustertest/docker";
import { local } from "@clustertest/clustertest/local";

const image = Deno.env.get("CLUSTERTEST_DOCKER_IMAGE");
const isMissing = !image || !await Deno.stat("/usr/bin/etcd").catch(() => undefined);

const client = ({ address }: Node) => `http://${address}:2379`;

/** Where all others find a member: the same address on each of them. */
function peer(node: Node, nodes: readonly Node[], mesh: Mesh): string {
  const other = nodes.find((each) => each !== node)!;
  return `http://${mesh.link(other, node).address}`;
}

async function start(node: Node, nodes: readonly Node[], mesh: Mesh): Promise<void> {
  const all = nodes.map((each) => `${each.name}=${peer(each, nodes, mesh)}`).join();
  const args = ["--name", node.name, "--data-dir", "data", "--initial-cluster", all];
  for (const verb of ["listen", "advertise"]) args.push(`--${verb}-client-urls`, client(node));
  args.push("--listen-peer-urls", `http://${node.address}:2380`);
  args.push("--initial-advertise-peer-urls", peer(node, nodes, mesh));
  const etcd = await node.spawn("etcd", args, { essential: true });
  await node.waitForHttp(`${client(node)}/health`, { while: etcd });
}

async function etcdctl(node: Node, ...args: string[]): Promise<string> {
  const { stdout } = await node.run("etcdctl", [`--endpoints=${client(node)}`, ...args]);
  return stdout.trim();
}

Deno.test({
  name: "an etcd cluster over two backends goes on while one of them is cut off",
  ignore: isMissing,
  fn: clusterTest(
    { backend: composed({ box: docker({ image }), here: local() }), timeout: 120_000 },
    async (cluster) => {
      const nodes = await cluster.addNodes([{ in: "box" }, { in: "box" }, { in: "here" }]);
      const [one, two, here] = nodes;
      await using mesh = await cluster.mesh(nodes, 2380, { relay: true });
      await cluster.each((node) => start(node, nodes, mesh));
      const read = ["get", "colour", "--print-value-only"];
      // A member that is about to elect a leader refuses.
      await eventually(() => etcdctl(here, "put", "colour", "blue"), { timeout: 60_000 });
      strictEqual(await eventually(() => etcdctl(one, ...read)), "blue");

      const cut = await cluster.faults.partition([here, [one, two]]);
      await eventually(() => etcdctl(two, "put", "colour", "green"), { timeout: 60_000 });
      strictEqual(await eventually(() => etcdctl(one, ...read)), "green");
      strictEqual(await etcdctl(here, ...read, "--consistency=s"), "blue");
      await cut.heal();
      const isThere = async () => strictEqual(await etcdctl(here, ...read), "green");
      await eventually(isThere, { timeout: 60_000 });
    },
  ),
});
