import { strictEqual } from "node:assert/strict";
import { LocalHost } from "../host/local_host.ts";
import { listen } from "../server/listen.ts";
import { SessionServer } from "../server/session_server.ts";
import { NO_OP_RECEIVER, type Transport } from "../wire/transport.ts";
import { Fleet, type Launch, MAX_OPENING } from "./fleet.ts";

/** Agents that wait for their turn when others have it. */
const MORE = 4;

const signal = (): AbortSignal => AbortSignal.timeout(60_000);

/** Serves an agent in this process, and connects to it; `serve` says what becomes of its sessions. */
async function connectTo(
  stack: AsyncDisposableStack,
  launch: Launch,
  serve: (transport: Transport) => void,
): Promise<void> {
  const server = stack.use(
    await listen({
      hostname: "127.0.0.1",
      port: 0,
      launch: launch.document,
      onSession: serve,
      onHeartbeat: () => {},
      log: () => {},
    }),
  );
  stack.use(await launch.connect(server.address, { signal: signal() }));
}

Deno.test("a fleet opens so many sessions at a time, and others when these are open", async () => {
  await using stack = new AsyncDisposableStack();
  const rootDir = await Deno.makeTempDir({ prefix: "clustertest-agent-" });
  stack.defer(() => Deno.remove(rootDir, { recursive: true }));
  const host = stack.use(await LocalHost.open({ rootDir, confine: true, env: {} }));
  const sessions = stack.use(new SessionServer(host));
  const heartbeat = { interval: 5_000, timeout: 60_000 };
  const fleet = stack.use(Fleet.create({ heartbeat }));
  const waiting: (() => void)[] = [];
  let come = 0;
  const full = Promise.withResolvers<void>();
  const serve = (transport: Transport): void => {
    come += 1;
    if (come > MAX_OPENING) return sessions.attach(transport);
    const kept: Uint8Array<ArrayBuffer>[] = [];
    transport.receiver = { ...NO_OP_RECEIVER, packet: (bytes) => kept.push(bytes) };
    waiting.push(() => {
      sessions.attach(transport);
      for (const each of kept) transport.receiver.packet(each);
    });
    if (come === MAX_OPENING) full.resolve();
  };
  const all = Promise.all(Array.from({ length: MAX_OPENING + MORE }, async () => {
    using launch = fleet.launch();
    await connectTo(stack, launch, serve);
  }));
  await full.promise;
  // The others would have come long before another fleet has opened a session from the beginning.
  const other = stack.use(Fleet.create({ heartbeat }));
  using launch = other.launch();
  await connectTo(stack, launch, (transport) => sessions.attach(transport));
  strictEqual(come, MAX_OPENING);
  for (const go of waiting.splice(0)) go();
  await all;
  strictEqual(come, MAX_OPENING + MORE);
});
