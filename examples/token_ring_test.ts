/** Five nodes in a ring pass a token by connections of their own: no program is needed on them. */
import { strictEqual } from "node:assert/strict";
import { Cluster, type Node, type NodeListener } from "@clustertest/clustertest";

const PORT = 7400;
const ROUNDS = 3;

/** Takes what arrives at `listener`, adds the node's name, and passes it on to `next`. */
async function passOn(node: Node, listener: NodeListener, next: Node): Promise<void> {
  using arriving = await listener.accept();
  const token = await new Response(arriving.readable).text();
  await send(node, next, `${token} ${node.name}`);
}

/** Opens a connection from one node to another and sends a text over it. */
async function send(from: Node, to: Node, text: string): Promise<void> {
  using connection = await from.connect({ hostname: to.address, port: PORT });
  await new Response(text).body!.pipeTo(connection.writable);
}

Deno.test("a token visits every node of the ring, in order, in each round", async () => {
  await using cluster = await Cluster.create();
  const ring = await cluster.addNodes(5);
  const listeners = await Promise.all(ring.map((node) => node.listen({ port: PORT })));

  let token = "start";
  for (let round = 0; round < ROUNDS; round++) {
    const hops = ring.slice(1).map((node, i) => passOn(node, listeners[i + 1]!, at(ring, i + 2)));
    await send(ring[0]!, ring[1]!, token);
    using home = await listeners[0]!.accept();
    token = await new Response(home.readable).text();
    await Promise.all(hops);
  }

  const round = "node2 node3 node4 node5";
  strictEqual(token, `start ${Array(ROUNDS).fill(round).join(" ")}`);
  for (const listener of listeners) listener.close();
});

/** The node at a place of the ring, which has no end. */
function at(ring: readonly Node[], place: number): Node {
  return ring[place % ring.length]!;
}
