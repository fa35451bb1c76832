import type { TransportEnd } from "../wire/transport.ts";
import { CloseCode } from "../wire/protocol.ts";

/** The agent has said that this session cannot be, or go on: another connection would not help. */
export class SessionRefused extends Error {
  override readonly name = "SessionRefused";
}

const REFUSALS: ReadonlySet<number> = new Set([
  CloseCode.violation,
  CloseCode.version,
  CloseCode.unknownSession,
  CloseCode.tooManySessions,
  CloseCode.ended,
]);

/** Why a connection has ended: a {@linkcode SessionRefused} if the agent wants no other one. */
export function endOf({ code, reason }: TransportEnd): Error {
  const message = reason || `the agent closed the connection (${code})`;
  if (REFUSALS.has(code)) return new SessionRefused(message);
  return new Deno.errors.ConnectionReset(message);
}
