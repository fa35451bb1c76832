import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { AgentHost } from "../client/agent_host.ts";
import { Deadline } from "../deadline.ts";
import { LocalHost } from "../host/local_host.ts";
import { SessionServer } from "../server/session_server.ts";
import { randomFrom, testSeed } from "../testing/seed.ts";
import { unlessAborted } from "../unless_aborted.ts";
import { type Fault, TcpProxy, type TcpProxyOptions } from "../testing/tcp_proxy.ts";
import { WIRE_KINDS, type WireKind, type WirePort } from "../testing/wire_kinds.ts";
import { PacketConnection } from "./packet_connection.ts";
import { MAX_IN_SOCKET } from "./protocol.ts";

const MEGABYTE = 1024 * 1024;

/** A stalled connection is noticed fifty times as soon as by default. */
const KEEP_ALIVE = { interval: 100, misses: 3 };

/** Bytes per millisecond: what 8 KB/s are when looks are fifty times as frequent. */
const SLOW = 8 * 50;

/** Milliseconds until what was sent has been understood, and its connection closed, on a busy machine. */
const CLOSED_WITHIN = 30_000;

/** Bytes that pass before a connection breaks, so that its handshake does not. */
const HANDSHAKE = 5_000;

const KINDS = ["cut", "cut", "pause", "stall"] as const;

for (const [name, kind] of Object.entries(WIRE_KINDS)) {
  Deno.test(`${name} loses and doubles nothing when it is cut and stalls`, async () => {
    const random = randomFrom(testSeed(name));
    const plan = (): Fault => ({
      after: HANDSHAKE + Math.floor(random() * MEGABYTE),
      kind: KINDS[Math.floor(random() * KINDS.length)]!,
    });
    await using scene = await makeScene(kind, { plan });
    await comesBack(scene.host, 4 * MEGABYTE);
    assert.ok(scene.proxy.faults > 2, `only ${scene.proxy.faults} faults`);
  });

  Deno.test(`${name} that is slow moves what takes longer than silence may last, at once`, async () => {
    await using scene = await makeScene(kind, { rate: SLOW });
    await comesBack(scene.host, MEGABYTE);
    assert.equal(scene.proxy.connections, 1);
  });

  Deno.test(`${name} is given up when nothing comes, and replaced`, async () => {
    await using scene = await makeScene(kind, {});
    await scene.host.network.hostname();
    scene.proxy.stall();
    await scene.host.network.hostname();
    assert.equal(scene.proxy.connections, 2);
  });

  Deno.test(`${name} takes no more from a sender than its reader takes from it`, async () => {
    const { promise: met, resolve: meet } = Promise.withResolvers<void>();
    let received = 0;
    await using stack = new AsyncDisposableStack();
    const port = stack.use(
      await kind.listen((transport) => {
        const link = new PacketConnection(transport, {
          packet: (bytes) => void (received += bytes.length),
          drained: () => {},
          closed: () => {},
        });
        link.gone.then(() => meet());
      }),
    );
    const proxy = stack.use(await TcpProxy.open(port, { rate: 64 * 1024 }));
    const total = 32 * MEGABYTE;
    const packet = new Uint8Array(MEGABYTE / 4);
    let [sent, ahead] = [0, 0];
    const send = () => {
      while (sent < total && !link.congested) {
        sent += packet.length;
        link.send(packet);
      }
      ahead = Math.max(ahead, sent - proxy.passed);
      if (received >= total) link.close(1000, "done");
    };
    const link: PacketConnection = new PacketConnection(
      await port.dial(proxy.port, AbortSignal.timeout(30_000)),
      {
        packet: () => {},
        drained: send,
        closed: () => {},
      },
    );
    send();
    const waiting = setInterval(send, 50);
    await met;
    clearInterval(waiting);
    assert.equal(received, total);
    // What the system's own buffers hold is not the transport's.
    assert.ok(ahead < MAX_IN_SOCKET + 16 * MEGABYTE, `${ahead} bytes were ahead of the reader`);
    await link.gone;
  });

  Deno.test(`${name} is closed upon what no peer may send, and others notice nothing`, async () => {
    await using scene = await makeScene(kind, {});
    const open = new Set(Object.keys(kind.hostile));
    using deadline = new Deadline(CLOSED_WITHIN);
    const closing = Object.entries(kind.hostile).map(async ([what, bytes]) => {
      using raw = await scene.port.sendRaw(new Uint8Array(bytes));
      await unlessAborted(raw.closed, deadline.signal);
      open.delete(what);
    });
    await Promise.allSettled(closing);
    assert.deepEqual([...open], []);
    await scene.host.network.hostname();
    assert.equal(scene.proxy.connections, 1);
  });

  Deno.test(`${name} brings the code and the reason with which it is closed`, async () => {
    await using port = await kind.listen((transport) => {
      const link = new PacketConnection(transport, { ...INDIFFERENT });
      link.receiver = { ...INDIFFERENT, packet: () => link.close(4002, "ä".repeat(100)) };
    });
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const link = new PacketConnection(await port.dial(port.port, AbortSignal.timeout(30_000)), {
      packet: () => {},
      drained: () => {},
      closed: resolve,
    });
    link.send(new Uint8Array(1));
    assert.deepEqual(await promise, { code: 4002, reason: "ä".repeat(61) });
    await link.gone;
  });
}

const INDIFFERENT = { packet: () => {}, drained: () => {}, closed: () => {} };

/** A host of this machine, behind a wire and a proxy that does to it what it is told. */
interface Scene extends AsyncDisposable {
  readonly host: AgentHost;
  readonly port: WirePort;
  readonly proxy: TcpProxy;
}

async function makeScene(kind: WireKind, options: TcpProxyOptions): Promise<Scene> {
  await using stack = new AsyncDisposableStack();
  const rootDir = await Deno.makeTempDir({ prefix: "clustertest-wire-" });
  stack.defer(() => Deno.remove(rootDir, { recursive: true }));
  const local = stack.use(await LocalHost.open({ rootDir }));
  const server = new SessionServer(local, { keepAlive: KEEP_ALIVE });
  const port = stack.use(await kind.listen((transport) => server.attach(transport)));
  stack.use(server);
  const proxy = stack.use(await TcpProxy.open(port, options));
  const host = stack.use(
    await AgentHost.connect((signal) => port.dial(proxy.port, signal), { keepAlive: KEEP_ALIVE }),
  );
  const owned = stack.move();
  return { host, port, proxy, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** Sends a file of bytes that are never the same twice, and reads it. */
async function comesBack(host: AgentHost, size: number): Promise<void> {
  const bytes = new Uint8Array(size);
  for (let start = 0; start < size; start += 65_536) {
    crypto.getRandomValues(bytes.subarray(start, start + 65_536));
  }
  const writer = (await host.files.write("file")).getWriter();
  await writer.write(bytes);
  await writer.close();
  const read = new Uint8Array(await new Response(await host.files.read("file")).arrayBuffer());
  assert.ok(Buffer.from(read).equals(bytes), "what comes back is not what was sent");
}
