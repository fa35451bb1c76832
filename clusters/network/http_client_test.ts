import { deepStrictEqual, match, rejects, strictEqual } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { makeNodeIdentity } from "../../agent/identity/identity.ts";
import { Cluster } from "../cluster/mod.ts";
import { local } from "../local/mod.ts";
import type { Node } from "../node/mod.ts";

/** Runs `use` with a node, and with a service of this machine that the node reaches at `url`. */
async function withService(
  handler: Deno.ServeHandler,
  use: (node: Node, url: string) => Promise<void>,
  tls: { cert?: string; key?: string } = {},
): Promise<void> {
  await using cluster = await Cluster.create(local(), { progress: false });
  const node = await cluster.addNode();
  const options = { hostname: node.address, port: 0, onListen() {}, ...tls };
  await using service = Deno.serve(options as Deno.ServeTcpOptions, handler);
  const scheme = tls.cert === undefined ? "http" : "https";
  // By its address, since what the node itself has elsewhere on this machine is nobody else's.
  await use(node, `${scheme}://${node.address}:${service.addr.port}`);
}

Deno.test("fetch() decodes a body, as the global fetch does", async () => {
  const headers = { "content-encoding": "gzip" };
  await withService(
    () => new Response(new Uint8Array(gzipSync("plain")), { headers }),
    async (node, url) => {
      const response = await node.fetch(url);
      strictEqual(await response.text(), "plain");
      strictEqual(response.headers.get("content-encoding"), null);
    },
  );
});

Deno.test("fetch() sends a body that is there with its length, and any other in chunks", async () => {
  const lengths = ({ headers }: Request) =>
    Response.json([headers.get("content-length"), headers.get("transfer-encoding")]);
  await withService(lengths, async (node, url) => {
    const ask = async (init: RequestInit) => {
      return await (await node.fetch(new Request(url, { method: "POST", ...init }))).json();
    };
    deepStrictEqual(await ask({ body: "four" }), ["4", null]);
    deepStrictEqual(await ask({ body: new URLSearchParams("a=b") }), ["3", null]);
    deepStrictEqual(await ask({ body: "" }), ["0", null]);
    const body = ReadableStream.from((async function* () {
      yield new Uint8Array(1);
      await new Promise((resolve) => setTimeout(resolve, 0));
      yield new Uint8Array(1);
    })());
    deepStrictEqual(await ask({ body }), [null, "chunked"]);
  });
});

Deno.test("fetch() uses a connection again, unless the service has closed it meanwhile", async () => {
  const remotes: number[] = [];
  const handler: Deno.ServeHandler<Deno.NetAddr> = (_request, { remoteAddr }) => {
    remotes.push(remoteAddr.port);
    const connection = remotes.length === 2 ? "close" : "keep-alive";
    return new Response("ok", { headers: { connection } });
  };
  await withService(handler as Deno.ServeHandler, async (node, url) => {
    for (let i = 0; i < 3; i++) strictEqual(await (await node.fetch(url)).text(), "ok");
    strictEqual(remotes[0], remotes[1]);
    strictEqual(remotes[1] === remotes[2], false);
  });
});

Deno.test("fetch() verifies the certificate of a service, and says what is wrong with it", async () => {
  const { certificate: cert, privateKey: key } = makeNodeIdentity();
  await withService(() => new Response("never"), async (node, url) => {
    await rejects(node.fetch(url), (error: Error) => {
      match(error.message, /^Cannot fetch https:.*certificate/);
      return error instanceof TypeError;
    });
  }, { cert, key });
});

Deno.test("fetch() speaks TLS with a service whose certificate is accepted", async () => {
  const code = `import { Cluster } from "./clusters/cluster/mod.ts";
    import { local } from "./clusters/local/mod.ts";
    import { makeNodeIdentity } from "./agent/identity/identity.ts";
    await using cluster = await Cluster.create(local(), { progress: false });
    const node = await cluster.addNode();
    const { certificate: cert, privateKey: key } = makeNodeIdentity();
    const options = { hostname: node.address, port: 0, cert, key, onListen() {} };
    await using service = Deno.serve(options, async (request) => new Response(request.body));
    const body = "x".repeat(3_000_000);
    const url = \`https://\${node.address}:\${service.addr.port}/\`;
    const response = await node.fetch(url, { method: "POST", body });
    console.log(await response.text() === body, response.url === url);`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--unsafely-ignore-certificate-errors", code],
  }).output();
  strictEqual(new TextDecoder().decode(stdout), "true true\n", new TextDecoder().decode(stderr));
});
