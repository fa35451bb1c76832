import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { LocalConnection } from "../../agent/host/local_connection.ts";
import { closeAndRelease } from "../../agent/host/sockets/released_port.ts";
import type { Cluster } from "../cluster/mod.ts";
import type { NodeConnection, ReverseForward } from "../network/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { assertPattern, patternStream } from "./pattern.ts";
import { unusualPort } from "./unusual_port.ts";

const MEBIBYTE = 1024 * 1024;

const bytes = (text: string) => new TextEncoder().encode(text);

/** A server of this machine, whose connections the case answers. */
class LocalServer implements AsyncDisposable {
  readonly port: number;
  readonly #listener: Deno.TcpListener;

  constructor(port = 0) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port });
    this.port = this.#listener.addr.port;
  }

  async accept(): Promise<LocalConnection> {
    return new LocalConnection(await this.#listener.accept());
  }

  /** Resolves when nobody can connect any more, and another one can have the port. */
  [Symbol.asyncDispose](): Promise<void> {
    return closeAndRelease(this.#listener.addr, () => this.#listener.close());
  }
}

/** Both ends of a connection of a node that leads here. */
async function pairThrough(
  node: Node,
  { hostname, port }: ReverseForward,
  server: LocalServer,
): Promise<{ client: NodeConnection; served: LocalConnection }> {
  const accepting = server.accept();
  const client = await node.connect({ hostname, port });
  return { client, served: await accepting };
}

/** The warnings of a cluster, from now on. */
function warningsOf({ events }: Cluster): Disposable & { readonly seen: string[] } {
  const seen: string[] = [];
  const subscription = events.subscribe((event) => {
    if (event.type === "warning") seen.push(event.message);
  });
  return { seen, [Symbol.dispose]: () => subscription[Symbol.dispose]() };
}

/** The next bytes; rejects with what breaks the connection off. */
async function nextOf({ readable }: LocalConnection): Promise<Uint8Array | undefined> {
  const reader = readable.getReader();
  try {
    return (await reader.read()).value;
  } finally {
    reader.releaseLock();
  }
}

/** Sends some last words, and closes this direction. */
async function sendLast({ writable }: LocalConnection, words: Uint8Array): Promise<void> {
  const writer = writable.getWriter();
  await writer.write(words);
  await writer.close();
}

/** Closes this end, which the other one is to see as an end. */
async function endOf(served: LocalConnection, client: NodeConnection): Promise<void> {
  await served[Symbol.asyncDispose]();
  strictEqual(await client.readable.text(), "");
}

/** Ports of nodes that lead to this machine. */
export const reverseForwardCases: readonly ConformanceCase[] = [
  {
    name: "reverseForward() leads from a port of the node to one of this machine",
    async run({ node, dir }) {
      const handler = async (request: Request) => new Response(`got ${await request.text()}`);
      await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
      await using reverse = await node.reverseForward(server.addr.port);
      ok(reverse.port > 0 && ["127.0.0.1", node.address].includes(reverse.hostname));
      const url = `http://${reverse.hostname}:${reverse.port}/`;
      const answers = Array.from({ length: 20 }, async (_, i) => {
        return await (await node.fetch(url, { method: "POST", body: `${i}` })).text();
      });
      deepStrictEqual(await Promise.all(answers), answers.map((_, i) => `got ${i}`));
      // What the node does by itself reaches it, too.
      await node.downloadUrl(url, `${dir}/file`);
      strictEqual(await node.readTextFile(`${dir}/file`), "got ");
    },
  },
  {
    name: "reverseForward() keeps half-closed connections",
    async run({ node }) {
      await using server = new LocalServer();
      await using reverse = await node.reverseForward(server.port);
      const { client, served } = await pairThrough(node, reverse, server);
      await client.write(bytes("question"));
      await client.closeWrite();
      strictEqual(await new Response(served.readable).text(), "question");
      await sendLast(served, bytes("answer"));
      strictEqual(await client.readable.text(), "answer");
    },
  },
  {
    name: "a reset goes through reverseForward() either way, and is no end",
    async run({ node }) {
      await using server = new LocalServer();
      await using reverse = await node.reverseForward(server.port);
      for (const resetting of ["here", "there"] as const) {
        const { client, served } = await pairThrough(node, reverse, server);
        const writer = client.writable.getWriter();
        await writer.write(bytes("half of a"));
        deepStrictEqual(await nextOf(served), bytes("half of a"));
        if (resetting === "here") {
          await served.reset(new Error("enough"));
          await rejects(client.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
        } else {
          await writer.abort(new Error("enough"));
          await rejects(nextOf(served), Deno.errors.ConnectionReset);
        }
        await client[Symbol.asyncDispose]();
      }
    },
  },
  {
    name: "reverseForward() holds up who sends faster than is read, and loses nothing",
    async run({ node }) {
      await using server = new LocalServer();
      await using reverse = await node.reverseForward(server.port);
      const slow = await pairThrough(node, reverse, server);
      const quick = await pairThrough(node, reverse, server);
      const size = 24 * MEBIBYTE;
      const sending = patternStream(size).pipeTo(slow.client.writable);
      // The one is not read while the other does all of its work, in both directions.
      await Promise.all([
        patternStream(size).pipeTo(quick.client.writable),
        assertPattern(quick.served.readable, size),
        patternStream(size).pipeTo(quick.served.writable),
        assertPattern(quick.client.readable, size),
      ]);
      await Promise.all([sending, assertPattern(slow.served.readable, size)]);
      for (const { client, served } of [slow, quick]) {
        await client[Symbol.asyncDispose]();
        await served[Symbol.asyncDispose]();
      }
    },
  },
  {
    name: "a hundred connections go through reverseForward() at once",
    async run({ node }) {
      await using server = new LocalServer();
      await using reverse = await node.reverseForward(server.port);
      const target = { hostname: reverse.hostname, port: reverse.port };
      const clients = await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const client = await node.connect(target);
          await client.write(bytes(`${i}`));
          return client;
        }),
      );
      const served: LocalConnection[] = [];
      while (served.length < clients.length) served.push(await server.accept());
      await Promise.all(served.map(async (each) => {
        await sendLast(each, (await nextOf(each))!);
        await each[Symbol.asyncDispose]();
      }));
      const texts = await Promise.all(clients.map((client) => client.readable.text()));
      deepStrictEqual(texts, texts.map((_, i) => `${i}`));
      for (const client of clients) await client[Symbol.asyncDispose]();
    },
  },
  {
    name: "reverseForward() lets others reach the port only if its hostname says so",
    async run({ node, peer }) {
      await using server = new LocalServer();
      const { address: hostname } = node;
      await using closed = await node.reverseForward(server.port);
      // Nodes that share a machine have no other address than this one.
      if (closed.hostname !== hostname) {
        const refused = peer.connect({ hostname, port: closed.port });
        await rejects(refused, Deno.errors.ConnectionRefused);
      }
      await using open = await node.reverseForward(server.port, { hostname });
      strictEqual(open.hostname, hostname);
      const { client, served } = await pairThrough(peer, open, server);
      await endOf(served, client);
    },
  },
  {
    name: "a connection for which nobody listens here is reset, and one warning says so",
    async run({ cluster, node }) {
      using warnings = warningsOf(cluster);
      const port = unusualPort();
      await using reverse = await node.reverseForward(port);
      const target = { hostname: reverse.hostname, port: reverse.port };
      const meetNobody = async () => {
        await using client = await node.connect(target);
        await rejects(client.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
      };
      await meetNobody();
      await meetNobody();
      strictEqual(warnings.seen.length, 1);
      match(
        warnings.seen[0]!,
        new RegExp(`^Cannot lead .*"${node.name}".* port ${port} .*refused`),
      );
      {
        await using server = new LocalServer(port);
        const { client, served } = await pairThrough(node, reverse, server);
        await endOf(served, client);
      }
      await meetNobody();
      strictEqual(warnings.seen.length, 2);
    },
  },
  {
    name: "disposing of a reverse forward closes its port and connections, and may be repeated",
    async run({ node }) {
      await using server = new LocalServer();
      const reverse = await node.reverseForward(server.port);
      const { hostname, port } = reverse;
      const { client, served } = await pairThrough(node, reverse, server);
      await client.write(bytes("half of a"));
      await nextOf(served);
      await Promise.all([reverse[Symbol.asyncDispose](), reverse[Symbol.asyncDispose]()]);
      await rejects(client.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
      await rejects(nextOf(served), Deno.errors.ConnectionReset);
      await rejects(node.connect({ hostname, port }), Deno.errors.ConnectionRefused);
      await using _again = await node.reverseForward(server.port, { port });
    },
  },
  {
    name: "reverseForward() refuses a port that is taken, and what is none",
    async run({ node }) {
      await using first = await node.reverseForward(1);
      const { port } = first;
      await rejects(node.reverseForward(1, { port }), Deno.errors.AddrInUse);
      for (const port of [0, -1, 65_536, 1.5]) await rejects(node.reverseForward(port), RangeError);
      await rejects(node.reverseForward(1, { port: 65_536 }), RangeError);
      const elsewhere = { hostname: "no-such-host.invalid" };
      await rejects(
        node.reverseForward(1, elsewhere),
        /Cannot listen on no-such-host\.invalid:0: /,
      );
    },
  },
  {
    name: "a reverse forward is there again, at the same port, once its node was restarted",
    abilities: ["restart"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      await using server = new LocalServer();
      await using reverse = await node.reverseForward(server.port);
      const before = await pairThrough(node, reverse, server);
      await node.restart();
      // What was open is over, in one way or another.
      await nextOf(before.served).catch(() => {});
      await before.served[Symbol.asyncDispose]();
      await before.client.readable.bytes().catch(() => {});
      const { client, served } = await pairThrough(node, reverse, server);
      await endOf(served, client);
    },
  },
  {
    name: "a reverse forward ends with its node, and so do its connections",
    abilities: ["kill"],
    async run({ cluster }) {
      const node = await cluster.addNode();
      await using server = new LocalServer();
      const reverse = await node.reverseForward(server.port);
      const { served } = await pairThrough(node, reverse, server);
      await node.kill();
      await nextOf(served).catch(() => {});
      await served[Symbol.asyncDispose]();
      await reverse[Symbol.asyncDispose]();
      await node.destroy();
      await rejects(node.reverseForward(server.port), { name: "NodeLostError" });
    },
  },
];
