/**
 * What is said first on a connection through a socket: each side proves that it knows the launch token,
 * the agent first. The runner's challenge, the agent's answer, the runner's proof are a packet each.
 *
 * @module
 */
import {
  agentConnectionProof,
  type Greeting,
  makeChallenge,
  type Purpose,
  runnerConnectionProof,
} from "../identity/connection_proof.ts";
import { sameDigest } from "../identity/keyed_digest.ts";
import { startTimer } from "../timer.ts";
import { describeVersions, VersionMismatch } from "./hello.ts";
import { MAX_PACKET, PROTOCOL_VERSION } from "./protocol.ts";
import { integer, oneOf, record, type Shape, text } from "./shape.ts";
import type { StreamTransport } from "./stream_transport.ts";
import { DEAF, type TransportEnd } from "./transport.ts";
import { ProtocolViolation } from "./violation.ts";

/** Bytes of the largest packet of a handshake. */
const MAX_GREETING = 512;

/** Milliseconds that an agent has to prove itself. */
const PATIENCE = 10_000;

/** What a handshake leads to. One of the two is called, once, in the turn in which that is known. */
export interface HandshakeEvents {
  /** The other side has proved itself: the connection is for this, and has to get its receiver now. */
  proven(purpose: Purpose): void;
  /** It has not, and the connection is closed. */
  failed(error: Error): void;
}

/** How a connection is greeted. */
export interface HandshakeOptions extends HandshakeEvents {
  /** Of the launch. */
  readonly token: string;
}

/** How a connection is greeted that somebody has made. */
interface ChallengeOptions extends HandshakeOptions {
  /** What the agent may call for. */
  readonly purposes: readonly Purpose[];
  /** Milliseconds that it has to prove itself. @default 10000 */
  readonly patience?: number | undefined;
}

const hexadecimal: Shape<string> = (value, name) => {
  if (/^[0-9a-f]{64}$/.test(text(64)(value, name))) return String(value);
  throw new TypeError(`Cannot accept the greeting: ${name} is not 64 hexadecimal digits`);
};

const challengeShape = record({ protocol: integer(), challenge: hexadecimal });
const answerShape = record({
  purpose: oneOf("lease", "session"),
  challenge: hexadecimal,
  proof: hexadecimal,
});
const proofShape = record({ proof: hexadecimal });

/**
 * The runner's part, on a connection that somebody has made: sends a challenge, and gives nothing away
 * before it was answered.
 */
export function challengeAgent(
  transport: StreamTransport,
  { patience = PATIENCE, purposes, ...options }: ChallengeOptions,
): void {
  const { token } = options;
  const challenge = makeChallenge();
  const bound = { ...options, timeout: patience };
  const runner = new Exchange(transport, bound, async (packet, exchange) => {
    const { purpose, proof, challenge: counterChallenge } = answerShape(packet, "the answer");
    const greeting: Greeting = { purpose, challenge, counterChallenge };
    const expected = await agentConnectionProof(token, greeting);
    if (!sameDigest(proof, expected)) throw strange("agent");
    if (!purposes.includes(purpose)) throw new ProtocolViolation(`a call for a ${purpose} here`);
    exchange.send({ proof: await runnerConnectionProof(token, greeting) });
    exchange.succeed(purpose);
  });
  runner.send({ protocol: PROTOCOL_VERSION, challenge });
}

/**
 * The agent's part, on a connection that it has made for this purpose. It waits for the challenge for as
 * long as it takes: a runner that stands at a breakpoint accepts nothing, and lives.
 */
export function answerRunner(
  transport: StreamTransport,
  { purpose, ...options }: HandshakeOptions & { readonly purpose: Purpose },
): void {
  const { token } = options;
  const counterChallenge = makeChallenge();
  let greeting: Greeting | undefined;
  new Exchange(transport, options, async (packet, exchange) => {
    if (greeting) {
      const { proof } = proofShape(packet, "the proof");
      const expected = await runnerConnectionProof(token, greeting);
      if (!sameDigest(proof, expected)) throw strange("runner");
      return exchange.succeed(purpose);
    }
    const { protocol, challenge } = challengeShape(packet, "the challenge");
    if (protocol !== PROTOCOL_VERSION) {
      throw new VersionMismatch(describeVersions(protocol, PROTOCOL_VERSION));
    }
    greeting = { purpose, challenge, counterChallenge };
    const proof = await agentConnectionProof(token, greeting);
    exchange.send({ purpose, challenge: counterChallenge, proof });
  });
}

function strange(who: string): Error {
  return new ProtocolViolation(`the ${who} does not know the launch token`);
}

/**
 * Packets that may wait while one is looked at. After its proof a runner sends what the connection is
 * for, before the agent has looked at that proof.
 */
const MAX_WAITING = 64;

/** What an exchange is bounded by, and who learns of its end. */
interface ExchangeOptions extends HandshakeEvents {
  /** Milliseconds that it may take. @default no bound */
  readonly timeout?: number | undefined;
}

/** Takes a packet. What it throws ends the exchange. */
type Take = (packet: unknown, exchange: Exchange) => Promise<void>;

/** An exchange of packets of JSON, bounded in size, number and time. */
class Exchange {
  readonly #transport: StreamTransport;
  readonly #events: HandshakeEvents;
  readonly #take: Take;
  readonly #waiting: Uint8Array<ArrayBuffer>[] = [];
  readonly #timer: ReturnType<typeof startTimer>;
  #isTaking = false;
  #isOver = false;

  /** `take` gets what comes, one packet after the other, until the exchange has succeeded. */
  constructor(
    transport: StreamTransport,
    { timeout = Infinity, ...events }: ExchangeOptions,
    take: Take,
  ) {
    this.#transport = transport;
    this.#events = events;
    this.#take = take;
    this.#timer = startTimer(timeout, () => this.#refuse("no proof came in time"));
    transport.maxPacket = MAX_GREETING;
    transport.receiver = {
      packet: (bytes) => this.#receive(bytes),
      heard: () => {},
      violated: (reason) => this.#refuse(reason),
      closed: (end) => this.#fail(endOf(end)),
    };
  }

  send(message: object): void {
    const bytes = new TextEncoder().encode(JSON.stringify(message));
    if (!this.#isOver) this.#transport.send(bytes, () => {});
  }

  succeed(purpose: Purpose): void {
    if (this.#isOver) return;
    this.#settle();
    this.#transport.maxPacket = MAX_PACKET;
    this.#events.proven(purpose);
    for (const packet of this.#waiting.splice(0)) this.#transport.receiver.packet(packet);
  }

  #receive(bytes: Uint8Array<ArrayBuffer>): void {
    this.#waiting.push(bytes);
    if (this.#waiting.length > MAX_WAITING) this.#refuse("too much before a proof");
    else if (!this.#isTaking) this.#takeAll();
  }

  async #takeAll(): Promise<void> {
    this.#isTaking = true;
    try {
      for (let next; !this.#isOver && (next = this.#waiting.shift());) {
        await this.#take(parsed(next), this);
      }
    } catch (error) {
      this.#fail(error as Error);
    }
    this.#isTaking = false;
  }

  #refuse(reason: string): void {
    this.#fail(new ProtocolViolation(reason));
  }

  /** Strangers are told nothing, not even why. */
  #fail(error: Error): void {
    if (this.#isOver) return;
    this.#settle();
    this.#transport.terminate();
    this.#events.failed(error);
  }

  #settle(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    // What still comes concerns nobody, until the connection has its receiver.
    this.#transport.receiver = DEAF;
  }
}

function endOf({ reason }: TransportEnd): Error {
  return new Deno.errors.ConnectionReset(reason || "the connection was closed in its handshake");
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new ProtocolViolation("a greeting that is no JSON");
  }
}
