/**
 * What else runs beside an agent can reach the runner's sockets as well: it gets nothing there, and
 * takes nothing away.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { agentConnectionProof, makeChallenge } from "../identity/connection_proof.ts";
import { type CallingAgent, startCalling } from "../testing/calling_agent.ts";
import { TestAgent } from "../testing/test_agent.ts";
import { encodePrefix, MessageKind, PREFIX_SIZE } from "../wire/message_prefix.ts";
import { Fleet } from "./fleet.ts";
import { MAX_UNPROVEN, SocketDoor } from "./socket_door.ts";

const HEARTBEAT = { interval: 100, timeout: 60_000 };

const TOKEN = "0123456789abcdef".repeat(4);

/** Strangers at a time. */
const MANY = 1_000;

/** What a stranger sends, once it was sent a challenge. */
type Answer = (challenge: string) => Promise<Uint8Array<ArrayBuffer>> | Uint8Array<ArrayBuffer>;

const ANSWERS: Readonly<Record<string, Answer>> = {
  "a request of HTTP": () => new TextEncoder().encode("GET / HTTP/1.1\r\nhost: x\r\n\r\n"),
  "zeros": () => new Uint8Array(100_000),
  "the beginning of a large packet": () => encodePrefix(MessageKind.packet, 4 * 1024 * 1024),
  "a packet that is a little too large": () => packet("x".repeat(513)),
  "a close": () => Uint8Array.of(MessageKind.close, 0, 0, 0, 2, 15, 160),
  "many packets at once": () =>
    Uint8Array.from(Array.from({ length: 8 }, () => [...packet("{}")]).flat()),
  "no JSON": () => packet("{"),
  "a list": () => packet("[]"),
  "half of an answer": async (challenge) =>
    packet({ ...await answer(challenge), proof: undefined }),
  "more than an answer": async (challenge) => packet({ ...await answer(challenge), more: 1 }),
  "a purpose that there is not": async (challenge) =>
    packet({ ...await answer(challenge), purpose: "all" }),
  "a proof of zeros": async (challenge) =>
    packet({ ...await answer(challenge), proof: "0".repeat(64) }),
  "a proof by another token": async (challenge) =>
    packet(await answer(challenge, "another token of a node")),
  "a proof for something else": async (challenge) =>
    packet({ ...await answer(challenge, TOKEN, "lease"), purpose: "session" }),
  "a proof of another challenge": async () => packet(await answer(makeChallenge())),
  "what only the other socket is for": async (challenge) =>
    packet(await answer(challenge, TOKEN, "lease")),
};

for (const [what, answer] of Object.entries(ANSWERS)) {
  Deno.test(`a stranger is closed, and gets nothing, upon ${what}`, async () => {
    await using door = await openDoor();
    using stranger = await Stranger.knock(door.path);
    await stranger.send(await answer(stranger.challenge));
    assert.equal((await stranger.end()).length, 0);
    assert.equal(door.proven, 0);
  });
}

Deno.test("a stranger that says nothing, or a byte now and then, is closed in time", async () => {
  await using door = await openDoor({ patience: 200 });
  using silent = await Stranger.knock(door.path);
  using slow = await Stranger.knock(door.path);
  const slowly = setInterval(() => slow.send(new Uint8Array(1)).catch(() => {}), 50);
  await Promise.all([silent.end(), slow.end()]);
  clearInterval(slowly);
});

Deno.test("who knows the token is let in, also when a thousand strangers are at the door", async () => {
  await using door = await openDoor();
  await using crowd = await Crowd.gather(door.path);
  await crowd.shrunk();
  using agent = await Stranger.knock(door.path);
  await agent.send(packet(await answer(agent.challenge)));
  assert.match(await agent.receive(), /^\{"proof":"[0-9a-f]{64}"\}$/);
  assert.equal(door.proven, 1);
});

Deno.test("an agent is reached again while strangers crowd both of its sockets", async () => {
  await using fleet = Fleet.create({ heartbeat: HEARTBEAT });
  await using calling = await startCalling(fleet);
  const { connection: { host }, dir, relay } = calling;
  for (const socket of ["session", "lease"] as const) {
    await using _ = await Crowd.gather(join(dir, socket));
    relay.cut(socket);
    assert.ok((await host.network.hostname()).length > 0);
  }
  assert.equal(calling.agent.log.includes("does not know"), false, calling.agent.log);
});

Deno.test("what an agent has sent opens no door a second time, and its session goes on", async () => {
  // So long that a thread which stands for a moment makes no agent call again.
  const heartbeat = { interval: 5_000, timeout: 60_000 };
  await using fleet = Fleet.create({ heartbeat });
  await using calling = await startCalling(fleet);
  const { relay, dir, connection: { host } } = calling;
  const calls = relay.calls.length;
  assert.ok(calls >= 2);
  for (const { socket, bytes } of [...relay.calls]) {
    using stranger = await Stranger.knock(join(dir, socket));
    await stranger.send(bytes);
    assert.equal((await stranger.end()).length, 0);
  }
  assert.ok((await host.network.hostname()).length > 0);
  assert.equal(relay.calls.length, calls, "the agent had to call again");
});

Deno.test("the agent of one node is a stranger at the sockets of another", async () => {
  await using fleet = Fleet.create({ heartbeat: HEARTBEAT });
  await using one = await startCalling(fleet, { name: "one" });
  await using other = await startCalling(fleet, { name: "other" });
  const launch = one.launch;
  await using lost = await TestAgent.start({ launch, sockets: other.dir });
  assert.equal((await lost.status).code, 5);
  for (const { connection } of [one, other] as CallingAgent[]) {
    assert.ok((await connection.host.network.hostname()).length > 0);
  }
});

/** What poses as a runner does, once an agent has answered its challenge. */
const IMPOSTORS: Readonly<Record<string, object | string>> = {
  "gives a wrong proof": { proof: "0".repeat(64) },
  "gives none": {},
  "begins a session without one": "\u0001".repeat(20),
};

for (const [what, message] of Object.entries(IMPOSTORS)) {
  Deno.test(`an agent does nothing for a runner that ${what}`, async () => {
    const dir = await Deno.makeTempDir();
    try {
      using listener = Deno.listen({ transport: "unix", path: join(dir, "lease") });
      const launch = { caCertificate: "unused", token: TOKEN };
      await using agent = await TestAgent.start({ launch, sockets: dir });
      using connection = await listener.accept();
      await connection.write(packet({ protocol: 1, challenge: makeChallenge() }));
      await connection.read(new Uint8Array(1024));
      await connection.write(packet(message));
      assert.equal((await agent.status).code, 5, agent.log);
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

Deno.test("an agent says which side to renew when a runner speaks another version", async () => {
  const dir = await Deno.makeTempDir();
  try {
    using listener = Deno.listen({ transport: "unix", path: join(dir, "lease") });
    const launch = { caCertificate: "unused", token: TOKEN };
    await using agent = await TestAgent.start({ launch, sockets: dir });
    using connection = await listener.accept();
    await connection.write(packet({ protocol: 2, challenge: makeChallenge() }));
    assert.equal((await agent.status).code, 5);
    assert.match(agent.log, /the runner speaks protocol 2, the agent 1: rebuild the agent/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** A door, and how many it has let in. */
interface Door extends AsyncDisposable {
  readonly path: string;
  readonly proven: number;
}

async function openDoor({ patience }: { patience?: number } = {}): Promise<Door> {
  const dir = await Deno.makeTempDir();
  const path = join(dir, "session");
  let proven = 0;
  const transports = new Set<Disposable>();
  const door = SocketDoor.open({
    path,
    token: TOKEN,
    purposes: ["session"],
    patience,
    onProven: (transport) => {
      proven += 1;
      transports.add({ [Symbol.dispose]: () => transport.terminate() });
    },
  });
  return {
    path,
    get proven() {
      return proven;
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of transports) each[Symbol.dispose]();
      await door[Symbol.asyncDispose]();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

/** What answers a challenge as an agent does. */
async function answer(theirs: string, token = TOKEN, purpose: "session" | "lease" = "session") {
  const challenge = makeChallenge();
  const greeting = { purpose, challenge: theirs, counterChallenge: challenge };
  return { purpose, challenge, proof: await agentConnectionProof(token, greeting) };
}

function packet(content: object | string): Uint8Array<ArrayBuffer> {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  const bytes = new TextEncoder().encode(text);
  return Uint8Array.from([...encodePrefix(MessageKind.packet, bytes.length), ...bytes]);
}

/** A connection of somebody who was sent a challenge. */
class Stranger implements Disposable {
  readonly challenge: string;
  readonly #connection: Deno.UnixConn;

  private constructor(connection: Deno.UnixConn, challenge: string) {
    this.#connection = connection;
    this.challenge = challenge;
  }

  static async knock(path: string): Promise<Stranger> {
    const connection = await Deno.connect({ transport: "unix", path });
    const { challenge } = JSON.parse(await receive(connection));
    return new Stranger(connection, challenge);
  }

  async send(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    // Whom the door has closed upon cannot send the rest.
    await writeAll(this.#connection, bytes).catch(() => {});
  }

  receive(): Promise<string> {
    return receive(this.#connection);
  }

  /** What still comes, until the other side has closed. */
  async end(): Promise<Uint8Array> {
    const buffer = new Uint8Array(4096);
    const parts: number[] = [];
    try {
      for (let count; (count = await this.#connection.read(buffer)) !== null;) {
        parts.push(...buffer.subarray(0, count));
      }
    } catch {
      // Closed with bytes that were not read.
    }
    return Uint8Array.from(parts);
  }

  [Symbol.dispose](): void {
    this.#connection.close();
  }
}

async function receive(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(1024);
  const count = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(PREFIX_SIZE, count ?? 0));
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  for (let done = 0; done < bytes.length;) done += await connection.write(bytes.subarray(done));
}

/** Many strangers that knock, and say nothing. */
class Crowd implements AsyncDisposable {
  readonly #connections: Deno.UnixConn[];
  readonly #ends: Promise<void>[];
  #open: number;

  private constructor(connections: Deno.UnixConn[]) {
    this.#connections = connections;
    this.#open = connections.length;
    this.#ends = connections.map(async (connection) => {
      const buffer = new Uint8Array(1024);
      while (await connection.read(buffer).catch(() => null) !== null);
      this.#open -= 1;
    });
  }

  static async gather(path: string): Promise<Crowd> {
    const connections: Deno.UnixConn[] = [];
    while (connections.length < MANY) {
      // A queue that is full refuses for a moment.
      await Deno.connect({ transport: "unix", path }).then(
        (connection) => connections.push(connection),
        () => new Promise((resolve) => setTimeout(resolve)),
      );
    }
    return new Crowd(connections);
  }

  /** Resolves once no more are left than may be. */
  async shrunk(): Promise<void> {
    while (this.#open > MAX_UNPROVEN) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const connection of this.#connections) connection.close();
    await Promise.all(this.#ends);
  }
}
