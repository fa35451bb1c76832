import { deepStrictEqual, fail, match, ok, rejects, strictEqual } from "node:assert/strict";
import { connect } from "node:net";
import type { NodeConnection } from "../network/mod.ts";
import { eventually } from "../waiting/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { HttpService } from "./http_service.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** A port on which nothing listens. One that was free a moment ago may have been taken by now. */
const DEAD_PORT = 9;

async function readUntil(connection: NodeConnection, end: string): Promise<void> {
  const buffer = new Uint8Array(1024);
  for (let text = ""; !text.includes(end);) {
    const size = await connection.read(buffer);
    if (size === null) throw new Error(`The connection ended before "${end}" came`);
    text += new TextDecoder().decode(buffer.subarray(0, size));
  }
}

/** Answers requests at 127.0.0.1 alone. Images have one of these programs. */
const GREETER = `
if command -v perl >/dev/null; then
  exec perl -MIO::Socket::INET -e '
    my $server = IO::Socket::INET->new(LocalAddr => "127.0.0.1", Listen => 5) or die;
    syswrite STDOUT, $server->sockport . "\\n";
    while (my $client = $server->accept) { <$client>; print $client "hello"; close $client }'
fi
port=$((20000 + $$ % 10000))
echo $port
if command -v httpd >/dev/null; then
  echo hello >greeting
  exec httpd -f -p 127.0.0.1:$port
fi
while :; do echo hello | nc -l -p $port -s 127.0.0.1 >/dev/null; done`;

const REQUEST = bytes("GET /greeting HTTP/1.0\r\n\r\n");

/** Services on nodes, as clients in the test reach them. */
export const serviceCases: readonly ConformanceCase[] = [
  {
    name: "connect() and forward() reach what a process of the node has at 127.0.0.1 alone",
    programs: ["sh"],
    async run({ node, dir }) {
      await using greeter = await node.spawn("sh", ["-c", GREETER], { cwd: dir });
      const port = Number((await greeter.waitForOutput(/\d+\n/))[0]);
      const connected = async () => {
        await using connection = await node.connect({ port });
        await connection.write(REQUEST);
        match(await connection.readable.text(), /hello/);
      };
      // One of the programs takes a connection only when it has done with the one before.
      await eventually(connected);
      await using forward = await node.forward(port);
      const forwarded = async () => {
        using connection = await Deno.connect({ hostname: "127.0.0.1", port: forward.port });
        await connection.write(REQUEST);
        match(await new Response(connection.readable).text(), /hello/);
      };
      await eventually(forwarded);
    },
  },
  {
    name: "fetch() reaches what the node has at 127.0.0.1 alone, and another node does not",
    async run({ node, peer }) {
      await using service = await HttpService.start(node, () => ({ body: "mine" }), {
        hostname: "127.0.0.1",
      });
      const url = `http://localhost:${service.port}/`;
      strictEqual(await (await node.fetch(url)).text(), "mine");
      await rejects(peer.fetch(url), /TypeError: Cannot fetch /);
      await rejects(peer.connect({ port: service.port }), Deno.errors.ConnectionRefused);
    },
  },
  {
    name: "fetch() asks a service on the node",
    async run({ node }) {
      await using service = await HttpService.start(node, ({ method, path, body }) => ({
        status: 201,
        headers: { "x-extra": "yes" },
        body: `${method} ${path} ${body}`,
      }));
      const response = await node.fetch(`http://localhost:${service.port}/a?b=c`, {
        method: "POST",
        body: "content",
      });
      deepStrictEqual([response.status, response.headers.get("x-extra")], [201, "yes"]);
      strictEqual(await response.text(), "POST /a?b=c content");
    },
  },
  {
    name: "fetch() reaches what the node reaches: another node, by its address",
    async run({ node, peer }) {
      await using service = await HttpService.start(peer, () => ({ body: "from the peer" }));
      strictEqual(await (await node.fetch(`${service.url}/`)).text(), "from the peer");
    },
  },
  {
    name: "an answer that nobody has read does not seem whole when it was given up",
    async run({ node }) {
      await using service = await HttpService.start(node, () => ({ body: "unread" }));
      const controller = new AbortController();
      const response = await node.fetch(`${service.url}/`, { signal: controller.signal });
      const reason = new Error("enough");
      controller.abort(reason);
      await rejects(response.text(), (error) => error === reason);
    },
  },
  {
    name: "fetch() refuses URLs that are not about the node",
    async run({ node }) {
      for (const url of ["file:///etc/hosts", "data:text/plain,here", "ftp://localhost/"]) {
        await rejects(node.fetch(url), /TypeError: Cannot fetch .* only http: and https:/);
      }
    },
  },
  {
    name: "fetch() brings a body of many megabytes, and many answers at once",
    async run({ node }) {
      const body = new Uint8Array(20 * 1024 * 1024).fill(7);
      await using service = await HttpService.start(
        node,
        ({ path }) => ({ body: path === "/large" ? body : path }),
      );
      const base = `http://localhost:${service.port}`;
      deepStrictEqual((await (await node.fetch(`${base}/large`)).bytes()).length, body.length);
      const paths = Array.from({ length: 50 }, (_, i) => `/${i}`);
      const texts = paths.map(async (path) => await (await node.fetch(base + path)).text());
      deepStrictEqual(await Promise.all(texts), paths);
    },
  },
  {
    name: "fetch() rejects when nobody listens, and when its signal aborts",
    async run({ node }) {
      const listener = await node.listen({ port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      const controller = new AbortController();
      const url = `http://localhost:${port}/`;
      const fetching = node.fetch(url, { signal: controller.signal });
      const aborted = rejects(fetching, (error) => error === controller.signal.reason);
      await using _accepted = await listener.accept();
      controller.abort(new Error("not any more"));
      await aborted;
      await listener[Symbol.asyncDispose]();
      await rejects(node.fetch(url), (error: Error) => {
        ok(error instanceof TypeError);
        return error.message.startsWith(`Cannot fetch ${url} from node "${node.name}"`);
      });
    },
  },
  {
    name: "forward() opens a port of this machine that leads to the node's",
    async run({ node }) {
      await using service = await HttpService.start(node, ({ path }) => ({ body: `at ${path}` }));
      await using forward = await node.forward(service.port);
      const url = `http://${forward.hostname}:${forward.port}`;
      using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
      const texts = Array.from({ length: 20 }, async (_, i) => {
        return await (await fetch(`${url}/${i}`, { client })).text();
      });
      deepStrictEqual(await Promise.all(texts), texts.map((_, i) => `at /${i}`));
    },
  },
  {
    name: "forward() leads to another host when told to, and keeps half-closed connections",
    async run({ node, peer }) {
      await using listener = await peer.listen({ port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      await using forward = await node.forward(port, { hostname: peer.address });
      using client = await Deno.connect({ hostname: forward.hostname, port: forward.port });
      await client.write(new TextEncoder().encode("question"));
      await client.closeWrite();
      await using server = await listener.accept();
      strictEqual(await server.readable.text(), "question");
      await server.write(new TextEncoder().encode("answer"));
      await server.closeWrite();
      strictEqual(await new Response(client.readable).text(), "answer");
    },
  },
  {
    name: "fetch() says why there is no connection, as connect() does",
    async run({ node }) {
      const name = "no-such-host.invalid";
      const connecting = node.connect({ hostname: name, port: 80 });
      const { message } = await connecting.then(() => fail("connected"), (error: Error) => error);
      await rejects(node.fetch(`http://${name}/`), (error: Error) => {
        return message.startsWith((error.cause as Error).message) && error.message.includes(name);
      });
      await rejects(
        node.fetch(`http://localhost:${DEAD_PORT}/`),
        (error: Error) => error.cause instanceof Deno.errors.ConnectionRefused,
      );
    },
  },
  {
    name: "fetch() follows redirects, to another node too, and tells where it came to",
    async run({ node, peer }) {
      await using there = await HttpService.start(peer, ({ method, path }) => ({
        body: `${method} ${path}`,
      }));
      await using service = await HttpService.start(node, ({ path }) => ({
        status: path === "/seen" ? 303 : 307,
        headers: { location: path === "/near" ? "seen" : `${there.url}/end` },
      }));
      const url = `http://localhost:${service.port}/near`;
      const init = { method: "POST", body: "again" };
      const response = await node.fetch(url, init);
      deepStrictEqual([response.redirected, response.url], [true, `${there.url}/end`]);
      strictEqual(await response.text(), "GET /end");
      const manual = await node.fetch(url, { ...init, redirect: "manual" });
      deepStrictEqual([manual.status, manual.headers.get("location")], [307, "seen"]);
      await rejects(node.fetch(url, { ...init, redirect: "error" }), TypeError);
    },
  },
  {
    name: "fetch() streams both ways at once",
    async run({ node }) {
      await using listener = await node.listen({ port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
      const writer = writable.getWriter();
      void writer.write(bytes("first"));
      const init = { method: "POST", body: readable, duplex: "half" } as RequestInit;
      const answering = node.fetch(`http://localhost:${port}/`, init);
      await using service = await listener.accept();
      await readUntil(service, "first");
      await service.write(bytes("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"));
      const response = await answering;
      const reader = response.body!.getReader();
      await service.write(bytes("5\r\nearly\r\n"));
      deepStrictEqual((await reader.read()).value, bytes("early"));
      await writer.write(bytes("second"));
      await readUntil(service, "second");
      await writer.close();
      await readUntil(service, "0\r\n\r\n");
      await service.write(bytes("0\r\n\r\n"));
      strictEqual((await reader.read()).done, true);
    },
  },
  {
    name: "a service that breaks off in the midst of a body is no end of it: fetch() and forward()",
    async run({ node }) {
      await using listener = await node.listen({ port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      await using forward = await node.forward(port);
      const fetching = node.fetch(`http://localhost:${port}/`);
      await using asked = await listener.accept();
      using client = await Deno.connect({ hostname: forward.hostname, port: forward.port });
      await client.write(bytes("GET /"));
      await using forwarded = await listener.accept();
      for (const service of [asked, forwarded]) {
        await service.read(new Uint8Array(1024));
        const writer = service.writable.getWriter();
        await writer.write(bytes("HTTP/1.1 200 OK\r\n\r\nhalf"));
        if (service === asked) {
          const reader = (await fetching).body!.getReader();
          deepStrictEqual((await reader.read()).value, bytes("half"));
          await writer.abort();
          await rejects(reader.read(), Deno.errors.ConnectionReset);
        } else {
          ok(await client.read(new Uint8Array(1024)));
          await writer.abort();
          await rejects(client.read(new Uint8Array(1024)), Deno.errors.ConnectionReset);
        }
      }
    },
  },
  {
    name: "a client that breaks off is no end for the service: fetch() and forward()",
    async run({ node }) {
      await using listener = await node.listen({ port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      await using forward = await node.forward(port);
      const controller = new AbortController();
      const fetching = node.fetch(`http://localhost:${port}/`, { signal: controller.signal });
      const aborted = rejects(fetching);
      await using asked = await listener.accept();
      await asked.read(new Uint8Array(1024));
      controller.abort();
      await aborted;
      await rejects(asked.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
      const client = connect({ host: forward.hostname, port: forward.port });
      client.on("error", () => {});
      client.write("half a question");
      await using forwarded = await listener.accept();
      await forwarded.read(new Uint8Array(1024));
      client.resetAndDestroy();
      await rejects(forwarded.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
    },
  },
  {
    name: "forward() resets a connection that the node cannot make",
    async run({ node }) {
      await using forward = await node.forward(DEAD_PORT);
      using client = await Deno.connect({ hostname: forward.hostname, port: forward.port });
      await rejects(client.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
    },
  },
  {
    name: "disposing of a forward closes its port and its connections, and may be repeated",
    async run({ node }) {
      await using listener = await node.listen({ port: 0 });
      const forward = await node.forward((listener.addr as Deno.NetAddr).port);
      const target = { hostname: forward.hostname, port: forward.port };
      using client = await Deno.connect(target);
      await using _accepted = await listener.accept();
      await Promise.all([forward[Symbol.asyncDispose](), forward[Symbol.asyncDispose]()]);
      await rejects(client.read(new Uint8Array(1)), Deno.errors.ConnectionReset);
      await rejects(Deno.connect(target), Deno.errors.ConnectionRefused);
      await rejects(node.forward(0), RangeError);
      ok(forward.port > 0);
    },
  },
];
