import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { AgentPack } from "../../agent/build/agent_pack.ts";
import { packArchive } from "../../agent/build/pack_archive.ts";
import { openPack, writeManifest } from "../../agent/build/pack_manifest.ts";
import { AGENT_TAKEN } from "./helper_scripts.ts";
import { DELIVERY_PORT } from "./pod_places.ts";
import { sendDirectly } from "./send_directly.ts";

/** Addresses of this machine's own, which nothing else uses. */
const OWN = ["127.26.76.3", "127.26.76.4", "127.26.76.5"] as const;

const { signal } = new AbortController();

async function makePack(stack: AsyncDisposableStack): Promise<AgentPack> {
  const dir = await Deno.makeTempDir();
  stack.defer(() => Deno.remove(dir, { recursive: true }));
  await Deno.writeTextFile(join(dir, "agent"), "program".repeat(100_000), { mode: 0o755 });
  const target = "x86_64-unknown-linux-gnu";
  await writeManifest(dir, { target, sources: "s", runtime: "r", command: ["{dir}/agent"] });
  return (await openPack(dir))!;
}

/** Takes one connection, and says something once all has come, or at once. */
async function listen(
  address: string,
  take: (connection: Deno.TcpConn) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: address, port: DELIVERY_PORT });
  using connection = await listener.accept();
  await take(connection);
}

async function say(connection: Deno.TcpConn, text: string): Promise<void> {
  await connection.write(new TextEncoder().encode(text));
}

async function readAll(connection: Deno.TcpConn): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(65536);
  for (let n; (n = await connection.read(buffer)) !== null;) parts.push(buffer.slice(0, n));
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

Deno.test("sendDirectly() sends the archive, and believes that it was taken once that is said", async () => {
  await using stack = new AsyncDisposableStack();
  const pack = await makePack(stack);
  let came = new Uint8Array();
  const taking = listen(OWN[0], async (connection) => {
    came = await readAll(connection) as typeof came;
    await say(connection, `${AGENT_TAKEN}\n`);
  });
  strictEqual(await sendDirectly(pack, { address: OWN[0], signal }), "taken");
  await taking;
  deepStrictEqual(came, await new Response(packArchive(pack)).bytes());
});

Deno.test("sendDirectly() says that it was broken off, also by another answer", async () => {
  await using stack = new AsyncDisposableStack();
  const pack = await makePack(stack);
  const refusing = listen(OWN[1], async (connection) => {
    await readAll(connection);
    await say(connection, "tar: no room\n");
  });
  strictEqual(await sendDirectly(pack, { address: OWN[1], signal }), "broken off");
  await refusing;
  const leaving = listen(OWN[1], () => Promise.resolve());
  strictEqual(await sendDirectly(pack, { address: OWN[1], signal }), "broken off");
  await leaving;
});

Deno.test("sendDirectly() gives up an address that does not answer, and ends when it is aborted", async () => {
  await using stack = new AsyncDisposableStack();
  const pack = await makePack(stack);
  // Of which nobody ever hears.
  strictEqual(await sendDirectly(pack, { address: "192.0.2.1", signal }), "unreached");
  const abort = new AbortController();
  const reason = new Error("enough");
  const stalling = listen(OWN[2], async (connection) => {
    abort.abort(reason);
    await readAll(connection).catch(() => {});
  });
  await rejects(sendDirectly(pack, { address: OWN[2], signal: abort.signal }), reason);
  await stalling;
});
