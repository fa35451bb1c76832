import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { ClientOptions } from "ws";
import type { Transport } from "../wire/transport.ts";
import { CLIENT_SOCKET, WebSocket } from "../wire/web_socket.ts";
import { WebSocketTransport } from "../wire/web_socket_transport.ts";
import { type AgentTls, directly } from "./agent_tls.ts";

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

function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
