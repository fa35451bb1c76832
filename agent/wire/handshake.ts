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
  const steps = exchange(transport, bound, async (packet) => {
    const { purpose, proof, challenge: counterChallenge } = answerShape(packet, "the answer");
    const greeting: Greeting = { purpose, challenge, counterChallenge };
    const expected = await agentConnectionProof(token, greeting);
    if (!sameDigest(proof, expected)) throw strange("agent");
    if (!purposes.includes(purpose)) throw new ProtocolViolation(`a call for a ${purpose} here`);
    steps.send({ proof: await runnerConnectionProof(token, greeting) });
    steps.succeed(purpose);
  });
  steps.send({ protocol: PROTOCOL_VERSION, challenge });
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
  const steps = exchange(transport, options, async (packet) => {
    if (greeting) {
      const { proof } = proofShape(packet, "the proof");
      const expected = await runnerConnectionProof(token, greeting);
      if (!sameDigest(proof, expected)) throw strange("runner");
      return steps.succeed(purpose);
    }
    const { protocol, challenge } = challengeShape(packet, "the challenge");
    if (protocol !== PROTOCOL_VERSION) {
      throw new VersionMismatch(describeVersions(protocol, PROTOCOL_VERSION));
    }
    greeting = { purpose, challenge, counterChallenge };
    const proof = await agentConnectionProof(token, greeting);
    steps.send({ purpose, challenge: counterChallenge, proof });
  });
}

function strange(who: string): Error {
  return new ProtocolViolation(`the ${who} does not know the launch token`);
}

/** One side's means in a handshake. */
interface Steps {
  send(message: object): void;
  succeed(purpose: Purpose): void;
}

/**
 * Packets that may wait while one is looked at. After its proof a runner sends HELLO, which waits for the
 * agent to have looked at that.
 */
const MAX_WAITING = 2;

/** Takes packets of JSON, bounded in size, number and time, until `take` has succeeded, or rejects. */
function exchange(
  transport: StreamTransport,
  { timeout = Infinity, proven, failed }: HandshakeEvents & { readonly timeout?: number },
  take: (packet: unknown) => Promise<void>,
): Steps {
  const waiting: Uint8Array<ArrayBuffer>[] = [];
  let [isOver, isTaking] = [false, false];
  const settle = () => {
    isOver = true;
    clearTimeout(timer);
    // What still comes concerns nobody, until the connection has its receiver.
    transport.receiver = DEAF;
  };
  // Strangers are told nothing, not even why.
  const refuse = (error: Error) => {
    if (isOver) return;
    settle();
    transport.terminate();
    failed(error);
  };
  const timer = startTimer(
    timeout,
    () => refuse(new ProtocolViolation("no proof came in time")),
  );
  const takeAll = async () => {
    if (isTaking) return;
    isTaking = true;
    try {
      for (let next; !isOver && (next = waiting.shift());) await take(parsed(next));
    } catch (error) {
      refuse(error as Error);
    }
    isTaking = false;
  };
  transport.maxPacket = MAX_GREETING;
  transport.receiver = {
    packet: (bytes) => {
      waiting.push(bytes);
      if (waiting.length > MAX_WAITING) refuse(new ProtocolViolation("too much before a proof"));
      else takeAll();
    },
    heard: () => {},
    violated: (reason) => refuse(new ProtocolViolation(reason)),
    closed: (end) => {
      if (isOver) return;
      settle();
      failed(endOf(end));
    },
  };
  return {
    send: (message) => {
      if (!isOver) transport.send(encoded(message), () => {});
    },
    succeed: (purpose) => {
      if (isOver) return;
      settle();
      transport.maxPacket = MAX_PACKET;
      proven(purpose);
      for (const packet of waiting.splice(0)) transport.receiver.packet(packet);
    },
  };
}

function endOf({ reason }: TransportEnd): Error {
  return new Deno.errors.ConnectionReset(reason || "the connection was closed in its handshake");
}

function encoded(message: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(message));
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new ProtocolViolation("a greeting that is no JSON");
  }
}
