import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { delay } from "../../../agent/delay.ts";
import { Engine } from "./engine.ts";
import { engineProxies } from "./engine_proxies.ts";

const END_OF_HEAD = "\r\n\r\n";

const UPGRADE = new TextEncoder().encode(
  `HTTP/1.1 101 UPGRADED\r\nconnection: Upgrade\r\nupgrade: tcp${END_OF_HEAD}`,
);

const ANSWER = new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}");

/** Answers whatever comes; resolves to the number of connections, once it listens no more. */
async function serve(listener: Deno.UnixListener): Promise<number> {
  const served: Promise<void>[] = [];
  for await (const connection of listener) served.push(answerAll(connection));
  await Promise.all(served);
  return served.length;
}

async function answerAll(connection: Deno.UnixConn): Promise<void> {
  using _ = connection;
  const buffer = new Uint8Array(4096);
  while (await connection.read(buffer) !== null) await connection.write(ANSWER);
}

Deno.test("an engine is called over fresh connections, for it may have closed others meanwhile", async () => {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "socket");
  const listener = Deno.listen({ transport: "unix", path });
  const connections = serve(listener);
  {
    await using engine = await Engine.connect({ kind: "unix", path });
    for (let calls = 0; calls < 3; calls++) {
      await engine.call({ what: "ping", method: "GET", path: "/_ping" });
      // A connection that is kept would be free again by then.
      await delay(20);
    }
  }
  listener.close();
  strictEqual(await connections, 3);
  await Deno.remove(dir, { recursive: true });
});

/** Agrees to let bytes pass both ways; resolves to the request's head, and all that came after it. */
async function serveUpgrade(listener: Deno.UnixListener): Promise<[head: string, rest: string]> {
  using connection = await listener.accept();
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(4096);
  let text = "";
  for (let size; (size = await connection.read(buffer)) !== null;) {
    const hadHead = text.includes(END_OF_HEAD);
    text += decoder.decode(buffer.subarray(0, size));
    if (!hadHead && text.includes(END_OF_HEAD)) await connection.write(UPGRADE);
  }
  const end = text.indexOf(END_OF_HEAD);
  return [text.slice(0, end), text.slice(end + END_OF_HEAD.length)];
}

Deno.test("what is sent over a connection that was taken over begins with what is written", async () => {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "socket");
  using listener = Deno.listen({ transport: "unix", path });
  const served = serveUpgrade(listener);
  await using engine = await Engine.connect({ kind: "unix", path });
  const attach = { what: "attach", method: "POST", path: "/containers/x/attach" } as const;
  const connection = await engine.hijack(attach);
  connection.end("input");
  const [head, rest] = await served;
  match(head, /^content-length: 0\r?$/im);
  strictEqual(rest, "input");
  connection.destroy();
  await Deno.remove(dir, { recursive: true });
});

Deno.test("a line to an engine of another machine asks the proxy that the environment names", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const code = `import { openLine } from "./clusters/docker/engine/engine_line.ts";
    await using line = await openLine({ kind: "tcp", hostname: "engine.invalid", port: 2375 });
    const signal = AbortSignal.timeout(10_000);
    await line.dial({ what: "ask", method: "GET", path: "/_ping" }, { signal }).catch(() => {});`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", code],
    env: { http_proxy: `http://127.0.0.1:${port}` },
  }).spawn();
  using connection = await listener.accept();
  const buffer = new Uint8Array(1024);
  const size = await connection.read(buffer);
  match(
    new TextDecoder().decode(buffer.subarray(0, size ?? 0)),
    /^(GET http:\/\/engine\.invalid:2375\/_ping\??|CONNECT engine\.invalid:2375) /,
  );
  connection.close();
  await child.status;
});

Deno.test("engineProxies() names none for an engine of this machine", () => {
  const environment = { HTTP_PROXY: "http://proxy", no_proxy: "a", HOME: "/", https_proxy: "" };
  for (const hostname of ["localhost", "127.0.0.1", "::1"]) {
    deepStrictEqual(engineProxies(hostname, environment), {});
  }
  const proxies = engineProxies("engine", environment);
  deepStrictEqual(proxies, { HTTP_PROXY: "http://proxy", no_proxy: "a" });
});
