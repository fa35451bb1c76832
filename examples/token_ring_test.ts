/** Five nodes in a ring pass a token by connections of their own: no program is needed on them. */
import { strictEqual } from "node:assert/strict";
import { clusterTest, type Node, type NodeListener } from "@clustertest/clustertest";

const ROUNDS = 3;

/** A node of the ring, and where the one before it connects to. */
interface Member {
  readonly node: Node;
  readonly listener: NodeListener;
}

/** Takes what arrives at a member, adds the node's name, and passes it on to `next`. */
async function passOn({ node, listener }: Member, next: Member): Promise<void> {
  using arriving = await listener.accept();
  const token = await new Response(arriving.readable).text();
  await send(node, next, `${token} ${node.name}`);
}

/** Opens a connection from a node to a member and sends a text over it. */
async function send(from: Node, { node, listener }: Member, text: string): Promise<void> {
  const { port } = listener.addr as Deno.NetAddr;
  using connection = await from.connect({ hostname: node.address, port });
  await new Response(text).body!.pipeTo(connection.writable);
}

Deno.test(
  "a token visits every node of the ring, in order, in each round",
  clusterTest(async (cluster) => {
    const nodes = await cluster.addNodes(5);
    const ring = await Promise.all(nodes.map(async (node): Promise<Member> => {
      return { node, listener: await node.listen({ port: 0 }) };
    }));
    const [first, second] = [at(ring, 0), at(ring, 1)];

    let token = "start";
    for (let round = 0; round < ROUNDS; round++) {
      const hops = ring.slice(1).map((member, i) => passOn(member, at(ring, i + 2)));
      await send(first.node, second, token);
      using home = await first.listener.accept();
      token = await new Response(home.readable).text();
      await Promise.all(hops);
    }

    const round = "node2 node3 node4 node5";
    strictEqual(token, `start ${Array(ROUNDS).fill(round).join(" ")}`);
    for (const { listener } of ring) listener.close();
  }),
);

/** The member at a place of the ring, which has no end. */
function at(ring: readonly Member[], place: number): Member {
  return ring[place % ring.length]!;
}
