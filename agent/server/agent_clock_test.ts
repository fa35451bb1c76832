import assert from "node:assert/strict";
import { openSocket } from "../client/agent_socket.ts";
import { pinnedTls } from "../client/agent_tls.ts";
import { enrol } from "../client/enrol.ts";
import { makeNodeIdentity } from "../identity/identity.ts";
import { Authority } from "../testing/authority.ts";
import type { WebSocket } from "../wire/web_socket.ts";
import { AgentServer } from "./agent_server.ts";

const HOUR = 3_600_000;

Deno.test("an agent tells the time of its clock, also when that was set after its start", async () => {
  const authority = Authority.make();
  const { launch } = authority;
  await using server = await AgentServer.listen({
    hostname: "127.0.0.1",
    port: 0,
    launch,
    identity: makeNodeIdentity(),
    onSession: () => {},
    onHeartbeat: () => {},
    log: () => {},
  });
  const runner = authority.runner();
  const signal = AbortSignal.timeout(30_000);
  const known = await enrol({ address: server.address, launch, runner, signal });
  const socket = await openSocket(known, "/v1/lease", { tls: pinnedTls(runner, known), signal });
  const before = await timeToldBy(socket);
  const clock = Date.now;
  let after: number;
  try {
    // The only clock that a test may set is that of its own program.
    Date.now = () => clock() + HOUR;
    after = await timeToldBy(socket);
  } finally {
    Date.now = clock;
  }
  assert.ok(after - before >= HOUR && after - before < 2 * HOUR, `${after - before} ms`);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.terminate();
  await closed;
});

async function timeToldBy(socket: WebSocket): Promise<number> {
  const reply = new Promise<string>((resolve) =>
    socket.once("message", (data: unknown) => resolve(String(data)))
  );
  socket.send("beat");
  return JSON.parse(await reply).time;
}
