import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { Node } from "../node/mod.ts";
import type { NodeConnection, NodeListener } from "../network/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { assertPattern, patternStream } from "./pattern.ts";

const MEBIBYTE = 1024 * 1024;

const bytes = (text: string) => new TextEncoder().encode(text);

const portOf = (listener: NodeListener) => (listener.addr as Deno.NetAddr).port;

/** A port on which nothing listens. One that was free a moment ago may have been taken by now. */
const DEAD_PORT = 9;

/** Both ends of a connection from one node to a listener on another. */
interface ConnectionPair extends AsyncDisposable {
  readonly client: NodeConnection;
  readonly server: NodeConnection;
}

async function connectionPair(from: Node, to: Node): Promise<ConnectionPair> {
  await using listener = await to.listen({ port: 0 });
  const client = await from.connect({ hostname: to.address, port: portOf(listener) });
  const server = await listener.accept();
  return {
    client,
    server,
    async [Symbol.asyncDispose]() {
      await client[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Connections from and to nodes. */
export const connectionCases: readonly ConformanceCase[] = [
  {
    name: "connect() reaches a listener of another node, and both ends know each other",
    async run({ node, peer }) {
      await using pair = await connectionPair(node, peer);
      const { client, server } = pair;
      deepStrictEqual(client.remoteAddr, server.localAddr);
      strictEqual((client.remoteAddr as Deno.NetAddr).hostname, peer.address);
      await client.write(bytes("ping"));
      const buffer = new Uint8Array(10);
      strictEqual(await server.read(buffer), 4);
      await server.write(buffer.subarray(0, 4));
      strictEqual(await client.read(new Uint8Array(3)), 3);
      strictEqual(await client.read(buffer), 1);
    },
  },
  {
    name: "connect() without a hostname reaches the node itself",
    async run({ node }) {
      await using listener = await node.listen({ port: 0 });
      await using client = await node.connect({ port: portOf(listener) });
      await using server = await listener.accept();
      await server.write(bytes("hello"));
      await server.closeWrite();
      strictEqual(await client.readable.text(), "hello");
    },
  },
  {
    name: "closing one direction leaves the other open",
    async run({ node, peer }) {
      await using pair = await connectionPair(node, peer);
      const { client, server } = pair;
      await client.write(bytes("question"));
      await client.closeWrite();
      strictEqual(await server.readable.text(), "question");
      await server.write(bytes("answer"));
      await server.closeWrite();
      strictEqual(await client.readable.text(), "answer");
    },
  },
  {
    name: "many megabytes go both ways at once",
    async run({ node, peer }) {
      await using pair = await connectionPair(node, peer);
      const { client, server } = pair;
      const size = 24 * MEBIBYTE;
      await Promise.all([
        patternStream(size).pipeTo(client.writable),
        patternStream(size).pipeTo(server.writable),
        assertPattern(client.readable, size),
        assertPattern(server.readable, size),
      ]);
    },
  },
  {
    name: "a slow reader loses nothing, and holds up nobody else",
    async run({ node, peer }) {
      await using slow = await connectionPair(node, peer);
      await using quick = await connectionPair(node, peer);
      const size = 24 * MEBIBYTE;
      const sending = patternStream(size).pipeTo(slow.client.writable);
      // The one is not read while the other does all of its work.
      await Promise.all([
        patternStream(size).pipeTo(quick.client.writable),
        assertPattern(quick.server.readable, size),
      ]);
      await Promise.all([sending, assertPattern(slow.server.readable, size)]);
    },
  },
  {
    name: "a hundred connections are open at once",
    async run({ node, peer }) {
      await using stack = new AsyncDisposableStack();
      const listener = stack.use(await peer.listen({ port: 0 }));
      const target = { hostname: peer.address, port: portOf(listener) };
      const clients = await Promise.all(
        Array.from({ length: 100 }, async (_, i) => {
          const client = stack.use(await node.connect(target));
          await client.write(bytes(`${i}`));
          await client.closeWrite();
          return client;
        }),
      );
      for (let i = 0; i < 100; i++) {
        const server = stack.use(await listener.accept());
        await server.write(bytes(`got ${await server.readable.text()}`));
        await server.closeWrite();
      }
      const answers = await Promise.all(clients.map((client) => client.readable.text()));
      deepStrictEqual(answers, answers.map((_, i) => `got ${i}`));
    },
  },
  {
    name: "a connection that one end closes ends at the other",
    async run({ node, peer }) {
      await using pair = await connectionPair(node, peer);
      await pair.server.write(bytes("last words"));
      await pair.server[Symbol.asyncDispose]();
      strictEqual(await pair.client.readable.text(), "last words");
      const endless = async () => {
        for (;;) await pair.client.write(new Uint8Array(64 * 1024));
      };
      await rejects(endless(), (error) => error instanceof Error);
      pair.client.close();
      pair.client.close();
    },
  },
  {
    name: "what was written before a connection was closed arrives, however slowly it is read",
    async run({ node, peer }) {
      const { client, server } = await connectionPair(node, peer);
      const size = 8 * MEBIBYTE;
      const sending = (async () => {
        const writer = client.writable.getWriter();
        for await (const chunk of patternStream(size)) await writer.write(chunk);
        await client[Symbol.asyncDispose]();
      })();
      const slowly = server.readable.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>(
          {
            async transform(chunk, controller) {
              await peer.hostname();
              controller.enqueue(chunk);
            },
          },
          undefined,
          { highWaterMark: 0 },
        ),
      );
      await assertPattern(slowly, size);
      await sending;
      await server[Symbol.asyncDispose]();
    },
  },
  {
    name: "a connection that one end resets is reset at the other, behind what came before",
    async run({ node, peer }) {
      for (const resetting of ["client", "server"] as const) {
        await using pair = await connectionPair(node, peer);
        const [near, far] = resetting === "client"
          ? [pair.client, pair.server]
          : [pair.server, pair.client];
        const writer = near.writable.getWriter();
        await writer.write(bytes("half of a"));
        const buffer = new Uint8Array(16);
        strictEqual(await far.read(buffer), 9);
        const waiting = rejects(near.read(buffer));
        await writer.abort(new Error("enough"));
        await rejects(far.read(buffer), Deno.errors.ConnectionReset);
        const endless = async () => {
          for (;;) await far.write(buffer);
        };
        await rejects(endless());
        await waiting;
      }
    },
  },
  {
    name: "a connection can be reset while the other end reads nothing",
    async run({ node, peer }) {
      await using pair = await connectionPair(node, peer);
      const { client, server } = pair;
      const writer = client.writable.getWriter();
      const endless = async () => {
        for (;;) await writer.write(new Uint8Array(64 * 1024));
      };
      const writing = rejects(endless());
      await server.read(new Uint8Array(1));
      await writer.abort(new Error("enough"));
      await writing;
      await rejects(async () => {
        while (await server.read(new Uint8Array(64 * 1024)) !== null);
      }, Deno.errors.ConnectionReset);
    },
  },
  {
    name: "a connection that was closed here says so, also to a read that waits",
    async run({ node, peer }) {
      await using pair = await connectionPair(node, peer);
      const { client } = pair;
      const waiting = rejects(client.read(new Uint8Array(1)), Deno.errors.BadResource);
      await client[Symbol.asyncDispose]();
      await waiting;
      await rejects(client.read(new Uint8Array(1)), Deno.errors.BadResource);
      await rejects(client.write(bytes("late")), Deno.errors.BadResource);
    },
  },
  {
    name: "connect() rejects as the system does when nobody listens, or no such host is known",
    async run({ node, peer }) {
      const port = DEAD_PORT;
      const refused = Deno.errors.ConnectionRefused;
      await rejects(
        node.connect({ hostname: peer.address, port }),
        (error) =>
          error instanceof refused && error.message.includes(`${port}`) &&
          error.message.includes(node.name),
      );
      await rejects(node.connect({ port }), refused);
      await rejects(node.connect({ hostname: "no-such-host.invalid", port: 80 }));
      for (const port of [-1, 65_536, 1.5, NaN]) await rejects(node.connect({ port }), RangeError);
    },
  },
  {
    name: "listen() says where it listens, and refuses a port that is taken",
    async run({ node }) {
      await using listener = await node.listen({ port: 0 });
      const port = portOf(listener);
      ok(port > 0);
      await rejects(node.listen({ port }), Deno.errors.AddrInUse);
    },
  },
  {
    name: "a connection refuses what is no Uint8Array, and goes on",
    async run({ node }) {
      await using listener = await node.listen({ port: 0 });
      await using client = await node.connect({ port: portOf(listener) });
      await using served = await listener.accept();
      for (const wrong of ["text", 5, null, new ArrayBuffer(4)] as unknown as Uint8Array[]) {
        await rejects(client.write(wrong), /TypeError: Cannot write/);
        await rejects(client.read(wrong), /TypeError: Cannot read into/);
      }
      strictEqual(await client.write(new Uint8Array([7])), 1);
      const buffer = new Uint8Array(4);
      strictEqual(await served.read(buffer), 1);
      strictEqual(buffer[0], 7);
      const writer = served.writable.getWriter();
      await rejects(
        writer.write("text" as unknown as Uint8Array),
        /TypeError: Cannot write String/,
      );
    },
  },
  {
    name: "nodes have ports of their own",
    async run({ node, peer }) {
      await using listener = await node.listen({ port: 0 });
      const port = portOf(listener);
      await using other = await peer.listen({ port });
      strictEqual(portOf(other), port);
    },
  },
  {
    name: "accept() may be given up, and the connection goes to whoever waits, or to the next call",
    async run({ node }) {
      await using listener = await node.listen({ port: 0 });
      const target = { hostname: node.address, port: portOf(listener) };
      const controller = new AbortController();
      const { signal } = controller;
      const reason = new Error("given up");
      const givenUp = rejects(listener.accept({ signal }), (error) => error === reason);
      const waiting = listener.accept();
      controller.abort(reason);
      await givenUp;
      await using _first = await node.connect(target);
      await using _accepted = await waiting;
      const late = listener.accept({ signal: AbortSignal.abort(reason) });
      await rejects(late, (error) => error === reason);
      await using _second = await node.connect(target);
      await using _next = await listener.accept();
    },
  },
  {
    name: "a listener yields connections until it is closed, and leaves them open then",
    async run({ node }) {
      await using stack = new AsyncDisposableStack();
      const listener = await node.listen({ port: 0 });
      const target = { hostname: node.address, port: portOf(listener) };
      for (let i = 0; i < 3; i++) stack.use(await node.connect(target));
      const accepted: NodeConnection[] = [];
      for await (const connection of listener) {
        accepted.push(stack.use(connection));
        if (accepted.length === 3) await listener[Symbol.asyncDispose]();
      }
      strictEqual(accepted.length, 3);
      await accepted[0]!.write(bytes("still open"));
      await rejects(node.connect(target), Deno.errors.ConnectionRefused);
      await rejects(listener.accept(), Deno.errors.BadResource);
      listener.close();
      await listener[Symbol.asyncDispose]();
    },
  },
  {
    name: "closing a listener ends an accept() that waits",
    async run({ node }) {
      const listener = await node.listen({ port: 0 });
      const accepting = rejects(listener.accept(), Deno.errors.BadResource);
      await listener[Symbol.asyncDispose]();
      await accepting;
    },
  },
  {
    name: "Unix sockets connect as ports do",
    async run({ node, dir }) {
      const path = `${dir}/socket`;
      await rejects(node.connect({ transport: "unix", path }), Deno.errors.NotFound);
      await using listener = await node.listen({ transport: "unix", path });
      await using client = await node.connect({ transport: "unix", path });
      await using server = await listener.accept();
      await client.write(bytes("over a file"));
      await client.closeWrite();
      strictEqual(await server.readable.text(), "over a file");
      await server.write(bytes("and back"));
      await server.closeWrite();
      strictEqual(await client.readable.text(), "and back");
    },
  },
];
