import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { NodeListener } from "../network/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";

/** A service of a node at its own address, so that it is not in the way of the node's links. */
async function serve(
  node: Node,
  port = 0,
): Promise<{ readonly listener: NodeListener; readonly port: number }> {
  const listener = await node.listen({ hostname: node.address, port });
  return { listener, port: (listener.addr as Deno.NetAddr).port };
}

const text = (content: string) => new TextEncoder().encode(content);

/** Ways from one node to a service of another one. */
export const linkCases: readonly ConformanceCase[] = [
  {
    name:
      "nodes of a cluster share a network, and link() leads directly to where the other one is there",
    async run({ cluster, node, peer }) {
      const ids = node.networks.map(({ id }) => id);
      const shared = peer.networks.find(({ id }) => ids.includes(id));
      ok(shared && !ids.includes(""), "they share none");
      await using link = await cluster.link(node, peer, 7000);
      deepStrictEqual([link.by, link.hostname, link.port], ["network", shared.address, 7000]);
    },
  },
  {
    name: "what link() relays arrives on both ways, and each ends alone",
    async run({ cluster, node, peer }) {
      const { listener, port } = await serve(peer);
      await using _service = listener;
      await using link = await cluster.link(node, peer, port, { relay: true });
      strictEqual(link.by, "relay");
      await using client = await node.connect({ hostname: link.hostname, port: link.port });
      await using server = await listener.accept();
      await client.write(text("there"));
      await client.closeWrite();
      strictEqual(await server.readable.text(), "there");
      await server.write(text("and back"));
      await server.closeWrite();
      strictEqual(await client.readable.text(), "and back");
    },
  },
  {
    name: "a partition holds what is relayed between nodes, and lets it go on when it heals",
    async run({ cluster }) {
      const [one, two] = await cluster.addNodes(2);
      await using _one = one;
      await using _two = two;
      const { listener, port } = await serve(two);
      await using _service = listener;
      await using link = await cluster.link(one, two, port, { relay: true });
      await using client = await one.connect({ hostname: link.hostname, port: link.port });
      await using server = await listener.accept();
      const cut = await cluster.faults.partition([one, two]);
      await client.write(text("held"));
      const buffer = new Uint8Array(16);
      let isThere = false;
      const arrival = server.read(buffer).then((count) => {
        isThere = true;
        return count;
      });
      // What was sent before has had its time.
      await Promise.all([one.hostname(), two.hostname()]);
      strictEqual(isThere, false);
      await cut.heal();
      strictEqual(await arrival, 4);
    },
  },
  {
    name: "a relayed link is reset when one of its nodes is killed, and leads on after the start",
    abilities: ["kill", "start"],
    async run({ cluster, node }) {
      await using victim = await cluster.addNode();
      const { listener, port } = await serve(victim);
      await using link = await cluster.link(node, victim, port, { relay: true });
      const connect = () => node.connect({ hostname: link.hostname, port: link.port });
      await using client = await connect();
      await using _server = await listener.accept();
      const ended = rejects(client.readable.text());
      await victim.kill();
      await ended;
      await victim.start();
      await listener[Symbol.asyncDispose]();
      const { listener: again } = await serve(victim, port);
      await using _again = again;
      await using second = await connect();
      await using accepted = await again.accept();
      await accepted.write(text("again"));
      await accepted.closeWrite();
      strictEqual(await second.readable.text(), "again");
    },
  },
];
