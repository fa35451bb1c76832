/**
 * Connections to API servers: whose certificate is accepted, and by which proxies they lead.
 *
 * @module
 */
import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { makeNodeIdentity } from "../../../agent/identity/identity.ts";
import { KubeApi } from "./kube_api.ts";
import { connectByProxy } from "./pass_proxy.ts";

const never = (): AbortSignal => new AbortController().signal;

/** A server with TLS, whose certificate is its own authority. */
async function serveSecurely(stack: AsyncDisposableStack) {
  const { name, certificate, privateKey } = makeNodeIdentity();
  const seen: string[] = [];
  const server: Server = createServer({ cert: certificate, key: privateKey }, (request, answer) => {
    seen.push(request.url ?? "");
    answer.end(JSON.stringify({ major: "1", minor: "27+" }));
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  stack.defer(async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  });
  return { port: (server.address() as AddressInfo).port, name, authority: certificate, seen };
}

/** Opens the API at a port, with a cluster's entry in the kubeconfig. */
async function open(stack: AsyncDisposableStack, port: number, entry: Record<string, unknown>) {
  const folder = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(folder, { recursive: true }));
  const cluster = { server: `https://127.0.0.1:${port}`, ...entry };
  const kubeconfig = `${folder}/config`;
  await Deno.writeTextFile(
    kubeconfig,
    JSON.stringify({
      clusters: [{ name: "c", cluster }],
      users: [{ name: "u", user: {} }],
      contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
      "current-context": "x",
    }),
  );
  return stack.use(await KubeApi.open({ kubeconfig }, { signal: never() }));
}

/** A proxy that hands each connection to `serve`, which says where it is to lead. */
function startProxy(
  stack: AsyncDisposableStack,
  serve: (client: Deno.Conn) => Promise<number | undefined>,
): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const passing: Promise<unknown>[] = [];
  const accepting = (async () => {
    for await (const client of listener) passing.push(pass(client, serve));
  })();
  stack.defer(async () => {
    listener.close();
    await accepting;
    await Promise.all(passing);
  });
  return listener.addr.port;
}

async function pass(client: Deno.Conn, serve: (client: Deno.Conn) => Promise<number | undefined>) {
  const port = await serve(client);
  if (port === undefined) return client.close();
  const server = await Deno.connect({ port });
  await Promise.allSettled([
    client.readable.pipeTo(server.writable),
    server.readable.pipeTo(client.writable),
  ]);
}

async function readSome(client: Deno.Conn): Promise<Uint8Array> {
  const bytes = new Uint8Array(1024);
  return bytes.subarray(0, await client.read(bytes) ?? 0);
}

/** What a proxy of HTTP was asked for; it leads to `port`. */
function httpProxy(asked: string[], port: number) {
  return async (client: Deno.Conn) => {
    asked.push(new TextDecoder().decode(await readSome(client)));
    await client.write(new TextEncoder().encode("HTTP/1.1 200 Fine\r\n\r\n"));
    return port;
  };
}

Deno.test("a server is accepted by its authority and name alone, unless that is switched off", async () => {
  await using stack = new AsyncDisposableStack();
  const { port, name, authority } = await serveSecurely(stack);
  const trusted = { "certificate-authority-data": btoa(authority) };
  await rejects(open(stack, port, {}), (error: Error) => {
    strictEqual(error.name, "BackendUnusableError");
    match(error.message, /the certificate of the API server at https:.* is refused: /);
    match(error.message, /Mend `certificate-authority`, `tls-server-name` or the certificate/);
    return true;
  });
  await rejects(open(stack, port, trusted), /is refused: .*does not match certificate's altnames/);
  await open(stack, port, { ...trusted, "tls-server-name": name });
  const api = await open(stack, port, { "insecure-skip-tls-verify": true });
  deepStrictEqual(await api.version({ signal: never() }), { major: 1, minor: 27 });
});

Deno.test("a proxy of HTTP leads to the server, with a login if there is one", async () => {
  await using stack = new AsyncDisposableStack();
  const { port } = await serveSecurely(stack);
  const asked: string[] = [];
  const proxy = startProxy(stack, httpProxy(asked, port));
  await open(stack, port, {
    "proxy-url": `http://me:p%40ss@127.0.0.1:${proxy}`,
    server: "https://api.example.com",
    "insecure-skip-tls-verify": true,
  });
  deepStrictEqual(asked, [
    "CONNECT api.example.com:443 HTTP/1.1\r\nHost: api.example.com:443\r\n" +
    `Proxy-Authorization: Basic ${btoa("me:p@ss")}\r\n\r\n`,
  ]);
});

Deno.test("a SOCKS proxy leads to the server by its name", async () => {
  await using stack = new AsyncDisposableStack();
  const { port } = await serveSecurely(stack);
  const asked: string[] = [];
  const proxy = startProxy(stack, async (client) => {
    asked.push((await readSome(client)).toHex());
    await client.write(Uint8Array.of(5, 2));
    asked.push((await readSome(client)).toHex());
    await client.write(Uint8Array.of(1, 0));
    asked.push((await readSome(client)).toHex());
    await client.write(Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 1, 1));
    return port;
  });
  await open(stack, port, {
    "proxy-url": `socks5://me:pw@127.0.0.1:${proxy}`,
    server: "https://api:6443",
    "insecure-skip-tls-verify": true,
  });
  deepStrictEqual(asked, ["050102", "01026d65027077", "0501000303617069192b"]);
});

Deno.test("a proxy that does not connect says why", async () => {
  await using stack = new AsyncDisposableStack();
  const answers = ["HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "hello", "\x05\xff"];
  const says = [
    "it says 407 Proxy Authentication Required",
    "it has closed",
    "wants another login",
  ];
  await Promise.all(answers.map(async (answer, index) => {
    const proxy = startProxy(stack, async (client) => {
      await readSome(client);
      await client.write(Uint8Array.from(answer, (letter) => letter.charCodeAt(0)));
      return undefined;
    });
    const scheme = answer.startsWith("\x05") ? "socks5" : "http";
    const opening = open(stack, 1, { "proxy-url": `${scheme}://127.0.0.1:${proxy}` });
    const pattern = new RegExp(`the proxy 127.0.0.1:${proxy} does not connect: .*${says[index]}`);
    await rejects(opening, pattern);
  }));
});

const target = { hostname: "api", port: 6443, secure: true };

Deno.test("a proxy that is not there is named", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  for (const scheme of ["http", "https", "socks5"]) {
    const connecting = connectByProxy(new URL(`${scheme}://127.0.0.1:${port}`), target, never());
    await rejects(
      connecting,
      new RegExp(`the proxy 127.0.0.1:${port} does not connect: .*refused`),
    );
  }
});

Deno.test("a proxy over TLS that says nothing is given up as soon as that is wanted", async () => {
  await using stack = new AsyncDisposableStack();
  const given = new AbortController();
  const over = Promise.withResolvers<undefined>();
  const proxy = startProxy(stack, async (client) => {
    await readSome(client);
    given.abort(new Error("nobody waits any more"));
    return await over.promise;
  });
  const connecting = connectByProxy(new URL(`https://127.0.0.1:${proxy}`), target, given.signal);
  await rejects(connecting, /^Error: nobody waits any more$/);
  over.resolve(undefined);
});
