import assert from "node:assert/strict";
import { makeRunnerIdentity } from "../identity/identity.ts";
import { openHost, startEnrolled } from "../testing/connected_agent.ts";
import { openRogueNode } from "../testing/rogue_node.ts";
import { encodeJson, encodePacket, FrameType } from "../wire/frame.ts";
import { encodeHello, encodeWelcome } from "../wire/hello.ts";
import { CloseCode, PROTOCOL_VERSION } from "../wire/protocol.ts";
import type { WebSocket } from "../wire/web_socket.ts";
import { openSocket } from "./agent_socket.ts";
import { pinnedTls } from "./agent_tls.ts";
import { HostLostError } from "./host_lost_error.ts";

type Enrolled = Awaited<ReturnType<typeof startEnrolled>>;

/** Sessions that an agent serves. */
const MAX_SESSIONS = 64;

const WELCOME = encodeWelcome({
  received: 0,
  host: { rootDir: "/root", os: "linux", arch: "x86_64" },
});

const REFUSALS = [
  CloseCode.violation,
  CloseCode.version,
  CloseCode.unknownSession,
  CloseCode.tooManySessions,
  CloseCode.ended,
];

for (const code of REFUSALS) {
  Deno.test(`opening a session fails once, with the agent's reason, when it closes with ${code}`, async () => {
    const agent = await openScripted([(socket) => socket.close(code, `refused by ${code}`)]);
    await using _ = agent;
    await assert.rejects(openHost(agent), {
      name: "SessionRefused",
      message: `refused by ${code}`,
    });
    assert.equal(agent.connections, 1);
  });

  Deno.test(`a session is lost, and its calls say why, when it is resumed and closed with ${code}`, async () => {
    const agent = await openScripted([
      (socket) => {
        socket.send(WELCOME);
        socket.once("message", () => socket.terminate());
      },
      (socket) => socket.close(code, `refused by ${code}`),
    ]);
    await using _ = agent;
    await using host = await openHost(agent);
    const call = host.network.hostname();
    await assert.rejects(call, new HostLostError(`refused by ${code}`));
    assert.equal((await host.lost).summary, `refused by ${code}`);
    await assert.rejects(host.network.hostname(), new HostLostError(`refused by ${code}`));
    assert.equal(agent.connections, 2);
  });
}

Deno.test("a session that is closed without a reason says the code", async () => {
  await using agent = await openScripted([(socket) => socket.close(CloseCode.unknownSession)]);
  await assert.rejects(openHost(agent), { message: "the agent closed the connection (4002)" });
});

Deno.test("a session goes on over the next connection when it is told of a newer one", async () => {
  const { promise: resumed, resolve } = Promise.withResolvers<void>();
  await using agent = await openScripted([
    (socket) => {
      socket.send(WELCOME);
      setTimeout(() => socket.close(CloseCode.replaced, "replaced by a newer connection"));
    },
    (socket) => {
      socket.send(WELCOME);
      resolve();
    },
  ]);
  await using host = await openHost(agent);
  await resumed;
  const isLost = await Promise.race([host.lost, Promise.resolve(false)]);
  assert.equal(isLost, false);
  host.fail("the test is over");
});

Deno.test("an agent says which side to renew when a runner speaks another version", async () => {
  await using enrolled = await startEnrolled();
  const protocol = PROTOCOL_VERSION + 1;
  const payload = encodeJson({ protocol });
  const packet = encodePacket({ type: FrameType.hello, stream: 0, channel: 0, payload });
  assert.deepEqual(await endAfter(enrolled, packet), {
    code: CloseCode.version,
    reason: `the runner speaks protocol ${protocol}, the agent ${PROTOCOL_VERSION}: ` +
      'rebuild the agent ("deno task agent")',
  });
});

Deno.test("an agent refuses to resume a session that it does not know", async () => {
  await using enrolled = await startEnrolled();
  const packet = encodeHello({ session: "0".repeat(32), resume: true, received: 0 });
  assert.deepEqual(await endAfter(enrolled, packet), {
    code: CloseCode.unknownSession,
    reason: "the agent does not know this session",
  });
});

Deno.test("an agent refuses one session more than it serves, and serves the others", async () => {
  await using enrolled = await startEnrolled();
  await using stack = new AsyncDisposableStack();
  const hosts = await Promise.all(
    Array.from({ length: MAX_SESSIONS }, async () => stack.use(await openHost(enrolled))),
  );
  await assert.rejects(openHost(enrolled), {
    name: "SessionRefused",
    message: `${MAX_SESSIONS} sessions are open`,
  });
  await Promise.all(hosts.map((host) => host.network.hostname()));
});

/** How an agent ends a connection that begins with this packet. */
async function endAfter(
  { known, runner }: Enrolled,
  packet: Uint8Array,
): Promise<{ code: number; reason: string }> {
  const socket = await openSocket(known, "/v1/session", { tls: pinnedTls(runner, known) });
  const { promise, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
  socket.once("close", (code: number, reason: Uint8Array) => {
    resolve({ code, reason: new TextDecoder().decode(reason) });
  });
  socket.send(packet);
  return await promise;
}

/** An agent that does, upon the HELLO of each connection, what a script has for it. */
async function openScripted(script: readonly ((socket: WebSocket) => void)[]) {
  let connections = 0;
  const node = await openRogueNode((socket) => {
    const answer = script[connections++];
    socket.once("message", () => answer?.(socket));
  });
  return {
    known: node.known,
    runner: makeRunnerIdentity(),
    get connections() {
      return connections;
    },
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}
