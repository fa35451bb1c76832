import type { Duplex } from "node:stream";
import { connect as connectTls, type TLSSocket } from "node:tls";
// @ts-types="@types/ws"
import type { ClientOptions } from "ws";
import type { Transport } from "../wire/transport.ts";
import { CLIENT_SOCKET, WebSocket } from "../wire/web_socket.ts";
import { WebSocketTransport } from "../wire/web_socket_transport.ts";
import { type AgentTls, directly } from "./agent_tls.ts";
import type { TunnelConnection } from "./agent_tunnel.ts";
import { TunnelStream } from "./tunnel_stream.ts";

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

/** How a connection for a session is opened. */
interface OpenTransportOptions extends OpenSocketOptions {
  /** What carries it, which it takes over; TLS is within that. @default TCP, to the address */
  readonly carrier?: TunnelConnection | undefined;
}

/** Opens a connection for a session with an agent. */
export async function openTransport(
  address: { hostname: string; port: number },
  { carrier, ...options }: OpenTransportOptions,
): Promise<Transport> {
  const carried = carrier && new TunnelStream(carrier);
  try {
    const { socket, stream } = await connect(address, "/v1/session", { ...options, carried });
    return new WebSocketTransport(socket, stream);
  } catch (error) {
    carried?.destroy();
    throw error;
  }
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
  { tls, signal, carried }: OpenSocketOptions & { readonly carried?: Duplex | undefined },
): Promise<OpenedSocket> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const url = `wss://${bracketed(hostname)}:${port}${path}`;
    const way = carried ? { createConnection: () => tlsOn(carried, tls) } : { agent: directly() };
    const options = { ...CLIENT_SOCKET, ...tls, ...way } as ClientOptions;
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

/** What carries it ends with it. */
function tlsOn(carried: Duplex, tls: AgentTls): TLSSocket {
  const socket = connectTls({ ...tls, socket: carried });
  socket.once("close", () => carried.destroy());
  return socket;
}

function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
