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
import { type HandshakeEvents, HandshakeExchange } from "./handshake_exchange.ts";
import { describeVersions, VersionMismatch } from "./hello.ts";
import { PROTOCOL_VERSION } from "./protocol.ts";
import { integer, oneOf, record, type Shape, text } from "./shape.ts";
import type { StreamTransport } from "./stream_transport.ts";
import { ProtocolViolation } from "./violation.ts";

/** Milliseconds that an agent has to prove itself. */
const PATIENCE = 10_000;

/** How a connection is greeted. */
export interface HandshakeOptions extends HandshakeEvents {
  /** The token of the launch. */
  readonly token: string;
}

/** How a connection is greeted that a stranger may have made. */
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
 * The runner's part, on a connection that a stranger may have made: sends a challenge, and gives nothing
 * away before it was answered.
 */
export function challengeAgent(
  transport: StreamTransport,
  { patience = PATIENCE, purposes, ...options }: ChallengeOptions,
): void {
  const { token } = options;
  const challenge = makeChallenge();
  const bound = { ...options, timeout: patience };
  const runner = new HandshakeExchange(transport, bound, async (packet, exchange) => {
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
  new HandshakeExchange(transport, options, async (packet, exchange) => {
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
