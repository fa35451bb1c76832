import assert from "node:assert/strict";
import { LocalHost } from "../host/local_host.ts";
import { ShellFrames, type ShellReply, type ShellRequest } from "./shell_frames.ts";
import { ShellServer } from "./shell_server.ts";

const SIZE = { rows: 24, columns: 80 };

const NODE = { cluster: "store-abc", backend: "local", node: "node1", env: {} };

const NAMES = { cluster: NODE.cluster, node: NODE.node };

type Client = ShellFrames<ShellReply, ShellRequest>;

/** A server with one node, in a folder of its own. */
async function startServer() {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-shell-" });
  const path = `${dir}/shells/run.sock`;
  const server = new ShellServer(path);
  const open = () => LocalHost.open({ rootDir: dir, env: { PATH: Deno.env.get("PATH")! } });
  server.offer({ ...NODE, open });
  return {
    path,
    server,
    connect: async (): Promise<Client> =>
      new ShellFrames(await Deno.connect({ transport: "unix", path })),
    raw: () => Deno.connect({ transport: "unix", path }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** All messages until the end, or until one of a type. */
async function repliesOf(client: Client, last?: ShellReply["type"]): Promise<ShellReply[]> {
  const replies: ShellReply[] = [];
  for await (const frame of client) {
    if (!("message" in frame)) continue;
    replies.push(frame.message);
    if (frame.message.type === last) break;
  }
  return replies;
}

function linuxTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os !== "linux", fn });
}

linuxTest("ShellServer keeps its socket to its user", async () => {
  await using served = await startServer();
  const { mode } = await Deno.stat(served.path.replace(/\/[^/]+$/, ""));
  assert.equal(mode! & 0o777, 0o700);
  served.server[Symbol.dispose]();
  await assert.rejects(Deno.stat(served.path), Deno.errors.NotFound);
});

linuxTest("ShellServer takes the place of one that was killed", async () => {
  await using served = await startServer();
  await Deno.copyFile(served.path, `${served.path}.copy`).catch(() => {});
  const other = new ShellServer(`${served.path}-2`);
  await Deno.writeTextFile(`${served.path}-2`, "what is left of a socket");
  other.offer({ ...NODE, open: () => Promise.reject(new Error("never")) });
  using _listening = await Deno.connect({ transport: "unix", path: `${served.path}-2` });
  other[Symbol.dispose]();
});

/** What nobody sends who knows how. */
const HOSTILE: readonly (readonly [string, Uint8Array<ArrayBuffer>])[] = [
  ["a frame of four gigabytes", new Uint8Array([1, 255, 255, 255, 255])],
  ["a frame of no kind", new Uint8Array([9, 0, 0, 0, 1, 0])],
  ["no JSON", new Uint8Array([1, 0, 0, 0, 2, 123, 123])],
  ["a message that is null", frameOf(null)],
  ["an unknown request", frameOf({ type: "nonesuch" })],
  ["a node that is none", frameOf({ type: "open", cluster: "store-abc", node: "x", size: SIZE })],
  ["no size", frameOf({ type: "open", ...NAMES })],
  [
    "a size that no terminal has",
    frameOf({ type: "open", ...NAMES, size: { rows: 1e9, columns: 1 } }),
  ],
  ["a command that is none", frameOf({ type: "open", ...NAMES, size: SIZE, command: [7] })],
  ["a command that is no list", frameOf({ type: "open", ...NAMES, size: SIZE, command: "ls" })],
];

for (const [what, bytes] of HOSTILE) {
  linuxTest(`ShellServer refuses ${what}, and serves others`, async () => {
    await using served = await startServer();
    const connection = await served.raw();
    await connection.write(bytes);
    using client: Client = new ShellFrames(connection);
    const [reply] = await repliesOf(client);
    assert.equal(reply?.type, "refused");
    using other = await served.connect();
    await other.send({ type: "list" });
    assert.deepEqual(await repliesOf(other, "nodes"), [
      { type: "nodes", nodes: [{ cluster: "store-abc", backend: "local", node: "node1" }] },
    ]);
  });
}

linuxTest("ShellServer serves 64 connections at a time, and others afterwards", async () => {
  await using served = await startServer();
  const clients = await Promise.all(Array.from({ length: 64 }, () => served.connect()));
  for (const client of clients) {
    await client.send({ type: "list" });
    await repliesOf(client, "nodes");
  }
  using refused = await served.connect();
  assert.deepEqual(await repliesOf(refused), []);
  for (const client of clients) client[Symbol.dispose]();
  for (;;) {
    using client = await served.connect();
    await client.send({ type: "list" }).catch(() => {});
    if ((await repliesOf(client, "nodes").catch(() => [])).length === 1) break;
  }
});

linuxTest("ShellServer ends a shell that takes nothing of what is typed", async () => {
  await using served = await startServer();
  using client = await served.connect();
  const command = ["sh", "-c", "stty raw -echo; echo ready; sleep 1000"];
  await client.send({ type: "open", ...NAMES, size: SIZE, command });
  await repliesOf(client, "opened");
  // More than a terminal takes, and more than is kept.
  const typing = client.sendBytes(new Uint8Array(2 * 1024 * 1024)).catch(() => {});
  const replies = await repliesOf(client);
  assert.deepEqual(replies, [
    { type: "ended", code: 1, message: "Cannot type: the program takes nothing" },
  ]);
  await typing;
});

function frameOf(message: unknown): Uint8Array<ArrayBuffer> {
  const payload = new TextEncoder().encode(JSON.stringify(message));
  const frame = new Uint8Array(5 + payload.length);
  new DataView(frame.buffer).setUint8(0, 1);
  new DataView(frame.buffer).setUint32(1, payload.length);
  frame.set(payload, 5);
  return frame;
}
