import { keyedDigest } from "./keyed_digest.ts";

/** What a connection through a socket is for: heartbeats, or a session. */
export type Purpose = "lease" | "session";

/**
 * What both sides have said on one connection. Each proof covers all of it, so that it is valid on no other
 * connection.
 */
export interface Greeting {
  readonly purpose: Purpose;
  /** The runner's, at random. */
  readonly challenge: string;
  /** The agent's, at random. */
  readonly counterChallenge: string;
}

/** Bytes of a challenge. */
const CHALLENGE_SIZE = 32;

/** A random challenge, which no connection has got before: 64 hexadecimal digits. */
export function makeChallenge(): string {
  return crypto.getRandomValues(new Uint8Array(CHALLENGE_SIZE)).toHex();
}

/** Proves, to the agent, that the runner knows the token. */
export async function runnerConnectionProof(token: string, greeting: Greeting): Promise<string> {
  return await proof(token, "runner of a connection", greeting);
}

/** Proves, to the runner, that the agent knows the token. */
export async function agentConnectionProof(token: string, greeting: Greeting): Promise<string> {
  return await proof(token, "agent of a connection", greeting);
}

/** The name of its author is part of a proof, so that none can be used for another, or for an enrolment. */
async function proof(token: string, who: string, greeting: Greeting): Promise<string> {
  const { purpose, challenge, counterChallenge } = greeting;
  return await keyedDigest(token, [who, purpose, challenge, counterChallenge]);
}
