import { Agent, type AgentOptions } from "node:https";
import type { RunnerIdentity } from "../identity/identity.ts";

/** An agent that was enrolled: its address, and the certificate that it is known by. */
export interface KnownAgent {
  readonly hostname: string;
  readonly port: number;
  /** The agent's own certificate, in PEM: the only one that is accepted. */
  readonly certificate: string;
  /** The name in it. */
  readonly name: string;
}

/** What a TLS connection to an agent is made with. */
export interface AgentTls {
  readonly cert: string;
  readonly key: string;
  readonly minVersion: "TLSv1.3";
  readonly ca?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/**
 * For the first contact: the answer proves whose certificate it was. No authority counts in it; where
 * none is named the runtime reads all those that the web trusts, which takes longer than the handshake.
 */
export function unknownTls({ authority, certificate, privateKey }: RunnerIdentity): AgentTls {
  return {
    cert: certificate,
    key: privateKey,
    minVersion: "TLSv1.3",
    ca: authority,
    rejectUnauthorized: false,
  };
}

/** For every later one. */
export function pinnedTls(
  { certificate: cert, privateKey: key }: Pick<RunnerIdentity, "certificate" | "privateKey">,
  agent: KnownAgent,
): AgentTls {
  return { cert, key, minVersion: "TLSv1.3", ca: agent.certificate, servername: agent.name };
}

/**
 * For one connection, straight to the agent. The runtime's own choice, and a new agent where `false` is
 * given, ask the proxies of the environment if `NODE_USE_ENV_PROXY` says so.
 */
export function directly(): Agent {
  return new Agent({ proxyEnv: {} } as AgentOptions);
}
