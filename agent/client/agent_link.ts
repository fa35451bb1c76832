import { Agent, type AgentOptions, request as httpsRequest } from "node:https";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { ClientOptions } from "ws";
import type { RunnerIdentity } from "../identity/identity.ts";
import type { Transport } from "../wire/transport.ts";
import { CLIENT_SOCKET, WebSocket } from "../wire/web_socket.ts";
import { WebSocketTransport } from "../wire/web_socket_transport.ts";

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

/** A WebSocket that is open, and what it reads from. */
interface OpenedSocket {
  readonly socket: WebSocket;
  readonly stream: Duplex;
}

/** How a WebSocket is opened. */
interface OpenSocketOptions {
  readonly tls: AgentTls;
  readonly signal?: AbortSignal | undefined;
}

/** Opens a connection for a session with an agent. */
export async function openTransport(
  address: { hostname: string; port: number },
  options: OpenSocketOptions,
): Promise<Transport> {
  const { socket, stream } = await connect(address, "/v1/session", options);
  return new WebSocketTransport(socket, stream);
}

/** Opens a WebSocket to an agent. */
export async function openSocket(
  address: { hostname: string; port: number },
  path: string,
  options: OpenSocketOptions,
): Promise<WebSocket> {
  return (await connect(address, path, options)).socket;
}

function connect(
  { hostname, port }: { hostname: string; port: number },
  path: string,
  { tls, signal }: OpenSocketOptions,
): Promise<OpenedSocket> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const url = `wss://${bracketed(hostname)}:${port}${path}`;
    const options = { ...CLIENT_SOCKET, ...tls, agent: directly() } as ClientOptions;
    const socket = new WebSocket(url, options);
    const abort = () => {
      socket.terminate();
      reject(signal?.reason);
    };
    signal?.addEventListener("abort", abort, { once: true });
    const settle = () => signal?.removeEventListener("abort", abort);
    socket.once("upgrade", ({ socket: stream }) => {
      socket.once("open", () => {
        settle();
        resolve({ socket, stream });
      });
    });
    socket.on("error", (error) => {
      settle();
      reject(error);
    });
  });
}

/** What an agent answered to a request. */
export interface AgentReply {
  readonly status: number;
  readonly body: unknown;
}

/**
 * The connection ended after the TLS handshake, with no answer. It is what a runner sees whose
 * certificate is refused: in TLS 1.3 its own part of the handshake is complete by then.
 */
export class UnansweredError extends Error {
  override readonly name = "UnansweredError";
}

/** Bytes of the longest answer that is read. */
const MAX_REPLY = 64 * 1024;

/** Posts JSON to an agent, over a connection of its own. */
export function post(
  { hostname, port }: { hostname: string; port: number },
  path: string,
  { body, tls, signal }: { body: unknown; tls: AgentTls; signal: AbortSignal },
): Promise<AgentReply> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    let unanswered = false;
    const request = httpsRequest({
      ...tls,
      hostname,
      port,
      path,
      method: "POST",
      agent: directly(),
      headers: { "content-type": "application/json" },
    }, (response) => {
      unanswered = false;
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
        if (text.length > MAX_REPLY) request.destroy(new Error("the answer is too long"));
      });
      response.on("end", () => {
        settle();
        resolve({ status: response.statusCode ?? 0, body: parsed(text) });
      });
      response.on("error", fail);
    });
    const abort = () => {
      request.destroy();
      reject(signal.reason);
    };
    const settle = () => signal.removeEventListener("abort", abort);
    const fail = (error: Error) => {
      settle();
      reject(unanswered ? new UnansweredError(error.message, { cause: error }) : error);
    };
    signal.addEventListener("abort", abort, { once: true });
    request.on("socket", (socket) => socket.once("secureConnect", () => unanswered = true));
    request.on("error", fail);
    request.end(JSON.stringify(body));
  });
}

/**
 * For one connection, straight to the agent. The runtime's own choice, and a new agent where `false` is
 * given, ask the proxies of the environment if `NODE_USE_ENV_PROXY` says so.
 */
function directly(): Agent {
  return new Agent({ proxyEnv: {} } as AgentOptions);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
