import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { ConformanceCase } from "./conformance_case.ts";
import { HttpService } from "./http_service.ts";

/** Services on nodes, as clients in the test reach them. */
export const serviceCases: readonly ConformanceCase[] = [
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
    name: "forward() closes a connection that the node cannot make",
    async run({ node }) {
      const listener = await node.listen({ port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      await listener[Symbol.asyncDispose]();
      await using forward = await node.forward(port);
      using client = await Deno.connect({ hostname: forward.hostname, port: forward.port });
      const ended = await client.read(new Uint8Array(1)).catch(() => null);
      strictEqual(ended, null);
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
      strictEqual(await client.read(new Uint8Array(1)).catch(() => null), null);
      await rejects(Deno.connect(target), Deno.errors.ConnectionRefused);
      await rejects(node.forward(0), RangeError);
      ok(forward.port > 0);
    },
  },
];
