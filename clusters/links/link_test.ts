import {
  deepStrictEqual,
  match,
  notStrictEqual,
  ok,
  rejects,
  strictEqual,
} from "node:assert/strict";
import { Cluster } from "../cluster/mod.ts";
import { composed } from "../composed/mod.ts";
import type { ClusterEvent } from "../events/mod.ts";
import { local } from "../local/mod.ts";
import { loopback } from "../loopback/mod.ts";
import type { NodeConnection } from "../network/mod.ts";
import type { Node } from "../node/mod.ts";
import type { Link } from "./mod.ts";
import { elsewhere } from "./testing/elsewhere.ts";

/** What untyped code passes. */
// deno-lint-ignore no-explicit-any -- it fits everything
type Untyped = any;

/** Port of the services here. Nodes have addresses of their own. */
const PORT = 7000;

/** Addresses of loopback are there on Linux without any setting up. */
const ignore = Deno.build.os !== "linux";

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore, fn });
}

/** A client that is a process here, and a server behind an agent. */
async function makeNodes(): Promise<AsyncDisposable & { cluster: Cluster; nodes: [Node, Node] }> {
  const cluster = await Cluster.create(composed({ here: local(), there: loopback() }));
  const nodes = await cluster.addNodes([{ in: "here" }, { in: "there" }]);
  return {
    cluster: cluster as unknown as Cluster,
    nodes,
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

/** A connection through a link, and the end that the service has of it. */
async function connectBy(
  { from, hostname, port }: Link,
  service: { accept(): Promise<NodeConnection> },
): Promise<[client: NodeConnection, server: NodeConnection]> {
  const [client, server] = await Promise.all([from.connect({ hostname, port }), service.accept()]);
  return [client, server];
}

const text = (content: string) => new TextEncoder().encode(content);

test("nodes of one machine share a network, on whatever backend, and link() leads there directly", async () => {
  await using scene = await makeNodes();
  const { cluster, nodes: [client, server] } = scene;
  deepStrictEqual(client.networks.map(({ id }) => id), server.networks.map(({ id }) => id));
  deepStrictEqual(server.networks.map(({ address }) => address), [server.address]);
  const seen: ClusterEvent[] = [];
  cluster.events.subscribe((event) => void seen.push(event));
  {
    await using link = await cluster.link(client, server, PORT);
    const { hostname, port, by, address } = link;
    deepStrictEqual({ hostname, port, by, address }, {
      hostname: server.address,
      port: PORT,
      by: "network",
      address: `${server.address}:${PORT}`,
    });
  }
  deepStrictEqual(seen.map(({ type }) => type), ["link-opened", "link-closed"]);
});

test("a relayed link carries what both ends send, and each ends its way alone", async () => {
  await using scene = await makeNodes();
  const { cluster, nodes: [client, server] } = scene;
  await using service = await server.listen({ port: PORT });
  await using link = await cluster.link(client, server, PORT, { relay: true });
  deepStrictEqual([link.by, link.port], ["relay", PORT]);
  const [near, far] = await connectBy(link, service);
  await using _near = near;
  await using _far = far;
  const content = crypto.getRandomValues(new Uint8Array(65_536));
  const chunks = 64;
  const sending = (async () => {
    for (let i = 0; i < chunks; i++) await near.write(content.slice());
    await near.closeWrite();
  })();
  const received = await far.readable.bytes();
  await sending;
  strictEqual(received.length, chunks * content.length);
  deepStrictEqual(received.subarray(-content.length), content);
  // The other way is open still.
  await far.write(text("the answer"));
  await far.closeWrite();
  strictEqual(await near.readable.text(), "the answer");
});

test("many connections go through a link at once, and none takes what is another's", async () => {
  await using scene = await makeNodes();
  const { cluster, nodes: [client, server] } = scene;
  await using service = await server.listen({ port: PORT });
  await using link = await cluster.link(client, server, PORT, { relay: true });
  const count = 40;
  const serving = Promise.all(Array.from({ length: count }, async () => {
    await using connection = await service.accept();
    const asked = await connection.readable.text();
    await connection.write(text(`${asked}!`));
    await connection.closeWrite();
  }));
  const answers = await Promise.all(Array.from({ length: count }, async (_, i) => {
    await using connection = await client.connect({ hostname: link.hostname, port: link.port });
    await connection.write(text(`${i}`));
    await connection.closeWrite();
    return await connection.readable.text();
  }));
  await serving;
  deepStrictEqual(answers, Array.from({ length: count }, (_, i) => `${i}!`));
});

test("each peer has an address of its own, where all its ports are, and the same on all nodes", async () => {
  const box = elsewhere(loopback(), ({ id }) => ({ networks: [{ id, address: "10.0.0.1" }] }));
  const pod = elsewhere(local(), ({ id, address }) => ({ networks: [{ id, address }] }));
  await using cluster = await Cluster.create(composed({ box, pod }));
  const [client, server, other] = await cluster.addNodes([{}, {}, { in: "pod" }]);
  await using one = await cluster.link(client, server, PORT, { relay: true });
  await using two = await cluster.link(client, server, PORT + 1, { relay: true });
  await using three = await cluster.link(client, other, PORT, { relay: true });
  deepStrictEqual([one.port, two.port, three.port], [PORT, PORT + 1, PORT]);
  strictEqual(one.hostname, two.hostname);
  notStrictEqual(one.hostname, three.hostname);
  match(one.hostname, /^127\./);
  // Both are on this machine, in truth: the second finds the server at an address of the pair.
  await using four = await cluster.link(other, server, PORT, { relay: true });
  deepStrictEqual([four.port, four.hostname === one.hostname], [PORT, false]);
  await four[Symbol.asyncDispose]();
  await one[Symbol.asyncDispose]();
  await using five = await cluster.link(other, server, PORT, { relay: true });
  strictEqual(five.hostname, one.hostname);
  // What is at an address of loopback already is there for others, too.
  strictEqual(three.hostname, other.address);
});

test("a link has another port where the node has something at that of the service already", async () => {
  await using scene = await makeNodes();
  const { cluster, nodes: [client, server] } = scene;
  await using service = await server.listen({ port: PORT });
  await using first = await cluster.link(client, server, PORT, { relay: true });
  await using second = await cluster.link(client, server, PORT, { relay: true });
  deepStrictEqual([first.port, second.hostname], [PORT, first.hostname]);
  notStrictEqual(second.port, PORT);
  const [near, far] = await connectBy(second, service);
  await near[Symbol.asyncDispose]();
  await far[Symbol.asyncDispose]();
});

test("when one of its nodes is killed a link resets its connections, and leads on after the start", async () => {
  await using scene = await makeNodes();
  const { cluster, nodes: [client, server] } = scene;
  for (const [from, to] of [[client, server], [server, client]] as const) {
    await using link = await cluster.link(from, to, PORT, { relay: true });
    for (const victim of [to, from]) {
      const service = await to.listen({ port: PORT });
      const [near, far] = await connectBy(link, service);
      const survivor = victim === to ? near : far;
      const ended = rejects(survivor.readable.text());
      await victim.kill();
      await ended;
      // A service that cannot be reached is no different from one that resets.
      if (victim === to) await rejects(ask(link));
      await victim.start();
      await service[Symbol.asyncDispose]();
      await using again = await to.listen({ port: PORT });
      const ends = await connectBy(link, again);
      await Promise.all(ends.map((end) => end[Symbol.asyncDispose]()));
    }
  }
});

/** Resolves to what a service says to someone who connects. */
async function ask({ from, hostname, port }: Link): Promise<string> {
  await using connection = await from.connect({ hostname, port });
  return await connection.readable.text();
}

test("a connection for which nobody listens is reset, and the next one finds who does", async () => {
  await using scene = await makeNodes();
  const { cluster, nodes: [client, server] } = scene;
  await using link = await cluster.link(client, server, PORT, { relay: true });
  await rejects(ask(link), Deno.errors.ConnectionReset);
  await using service = await server.listen({ port: PORT });
  const answer = ask(link);
  await using connection = await service.accept();
  await connection.write(text("here"));
  await connection.closeWrite();
  strictEqual(await answer, "here");
});

test("a link ends with its node, and when it is disposed of, once", async () => {
  await using scene = await makeNodes();
  const { cluster, nodes: [client, server] } = scene;
  const service = await server.listen({ port: PORT });
  const link = await cluster.link(client, server, PORT, { relay: true });
  const [near, far] = await connectBy(link, service);
  const ended = [near, far].map((end) => rejects(end.readable.text()));
  await Promise.all([link[Symbol.asyncDispose](), link[Symbol.asyncDispose]()]);
  await Promise.all(ended);
  await rejects(ask(link), Deno.errors.ConnectionRefused);
  await service[Symbol.asyncDispose]();
  const other = await cluster.link(client, server, PORT, { relay: true });
  await server.destroy();
  await other[Symbol.asyncDispose]();
  await rejects(ask(other), Deno.errors.ConnectionRefused);
  await rejects(cluster.link(client, server, PORT), { name: "NodeLostError" });
});

test("a public address that answers is taken, and else the runner relays", async () => {
  const alone = elsewhere(loopback(), ({ address }) => ({ networks: [], publicAddress: address }));
  await using cluster = await Cluster.create(composed({ here: local(), alone }));
  const [client, server] = await cluster.addNodes([{ in: "here" }, { in: "alone" }]);
  deepStrictEqual(server.networks, []);
  await using relayed = await cluster.link(client, server, PORT);
  strictEqual(relayed.by, "relay");
  await using _service = await server.listen({ port: PORT });
  await using direct = await cluster.link(client, server, PORT);
  deepStrictEqual([direct.by, direct.hostname], ["public", server.address]);
});

test("nodes whose backend does not say where they are share a network with their like alone", async () => {
  const silent = () => elsewhere(local(), () => ({ networks: undefined }));
  await using cluster = await Cluster.create(composed({ one: silent(), two: silent() }));
  const [a, b, c] = await cluster.addNodes([{ in: "one" }, { in: "one" }, { in: "two" }]);
  await using within = await cluster.link(a, b, PORT);
  await using between = await cluster.link(a, c, PORT);
  deepStrictEqual([within.by, between.by], ["network", "relay"]);
});

test("link() and mesh() refuse what cannot be linked, and open nothing", async () => {
  await using scene = await makeNodes();
  const { cluster, nodes: [client, server] } = scene;
  await using other = await Cluster.create(local());
  const stranger = await other.addNode();
  const opened: unknown[] = [];
  cluster.events.subscribe(({ type }) => {
    if (type === "link-opened") opened.push(type);
  });
  const link = (...of: Untyped[]) => (cluster.link as Untyped)(...of);
  const refusals: readonly (readonly [call: Promise<unknown>, message: RegExp])[] = [
    [link(client, stranger, PORT), /Cannot link node "node1": it is one of another cluster$/],
    [link(client, client, PORT), /Cannot link "node1" to itself/],
    [link(client, "node2", PORT), /it is no list of nodes$/],
    [link(client, server, 0), /port/],
    [link(client, server, "80"), /port/],
    [link(client, server, PORT, { host: true }), /no option "host"; did you mean "hosts"\?$/],
    [link(client, server, PORT, { relay: 1 }), /relay must be true or false, not 1$/],
    [
      link(client, server, PORT, { hosts: true }),
      /^Cannot put the name of "node2" into the hosts file of "node1": nodes on local have none/,
    ],
    [cluster.mesh([client, stranger], PORT), /it is one of another cluster$/],
    [cluster.mesh([client, server], [PORT, 70_000]), /port/],
  ];
  for (const [call, message] of refusals) await rejects(call, { message });
  const reason = new Error("enough");
  const options = { signal: AbortSignal.abort(reason), relay: true };
  await rejects(cluster.link(client, server, PORT, options), (error) => error === reason);
  await rejects(cluster.mesh([client, server], PORT, options), (error) => error === reason);
  deepStrictEqual(opened, []);
});

test("a mesh links all to all, is closed as one, and opens all of it or nothing", async () => {
  await using scene = await makeNodes();
  const { cluster, nodes: [one, two] } = scene;
  const three = await cluster.addNode();
  const mesh = await cluster.mesh([one, two, three], [PORT, PORT + 1], { relay: true });
  strictEqual([...mesh].length, 12);
  strictEqual(mesh.link(one, three, PORT + 1).targetPort, PORT + 1);
  strictEqual(mesh.link(one, three).to, three);
  ok([...mesh].every(({ by }) => by === "relay"));
  const missing = { name: "TypeError", message: /the mesh has none$/ };
  await rejects(async () => await mesh.link(one, one), missing);
  await mesh[Symbol.asyncDispose]();
  await rejects(ask(mesh.link(one, two)), Deno.errors.ConnectionRefused);
  let open = 0;
  cluster.events.subscribe(({ type }) => {
    if (type === "link-opened") open++;
    if (type === "link-closed") open--;
  });
  await three.kill();
  await rejects(cluster.mesh([one, two, three], PORT, { relay: true }), { name: "NodeDownError" });
  strictEqual(open, 0);
});
