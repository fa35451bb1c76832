import { ok, rejects, strictEqual } from "node:assert/strict";
import { request } from "node:http";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { UnixAgent } from "./unix_agent.ts";

/** Bytes of a body that takes many reads and writes. */
const BIG = 3_000_000;

interface Call {
  readonly socketPath: string;
  readonly agent: UnixAgent;
  readonly body?: Uint8Array;
}

/** Sends a body, and resolves to that of the answer. */
function post({ socketPath, agent, body = new Uint8Array() }: Call): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const call = request({ socketPath, agent, method: "POST", path: "/" }, (response) => {
      buffer(response).then(resolve, reject);
    });
    call.on("error", reject);
    call.end(body);
  });
}

/** Has a server on a Unix socket answer what it is sent. */
async function withServer(fn: (socketPath: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "socket");
  await using _ = Deno.serve({ path, onListen: () => {} }, ({ body }) => new Response(body));
  try {
    await fn(path);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("UnixAgent carries bodies of any size, one after the other and at once", async () => {
  await withServer(async (socketPath) => {
    using agent = closing(new UnixAgent({ keepAlive: true }));
    const body = crypto.getRandomValues(new Uint8Array(65_536));
    strictEqual((await post({ socketPath, agent })).length, 0);
    ok((await post({ socketPath, agent, body })).every((byte, i) => byte === body[i]));
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => post({ socketPath, agent, body: new Uint8Array(BIG) })),
    );
    for (const { length } of answers) strictEqual(length, BIG);
  });
});

Deno.test("UnixAgent says why it cannot connect, as the operating system does", async () => {
  using agent = closing(new UnixAgent());
  await rejects(post({ socketPath: "/nowhere/socket", agent }), { code: "ENOENT" });
  const file = await Deno.makeTempFile();
  await rejects(post({ socketPath: file, agent }), { code: "ECONNREFUSED" });
  await Deno.remove(file);
});

function closing(agent: UnixAgent): UnixAgent & Disposable {
  return Object.assign(agent, { [Symbol.dispose]: () => agent.destroy() });
}
