/**
 * Everything that can carry a session, for tests that hold all of it to the same.
 *
 * @module
 */
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { openTransport } from "../client/agent_socket.ts";
import { pinnedTls } from "../client/agent_tls.ts";
import { makeRunnerIdentity } from "../identity/identity.ts";
import { StreamTransport } from "../wire/stream_transport.ts";
import type { Transport } from "../wire/transport.ts";
import { WebSocketTransport } from "../wire/web_socket_transport.ts";
import { openRogueNode } from "./rogue_node.ts";

/** Where sessions are served. */
export interface WirePort extends AsyncDisposable {
  readonly port: number;
  /** Opens a connection, at this port or at another that leads to it. */
  dial(port: number, signal: AbortSignal): Promise<Transport>;
  /** Opens a connection that is ready for a HELLO, and sends these bytes in its place. */
  sendRaw(bytes: Uint8Array<ArrayBuffer>): Promise<RawConnection>;
}

/** A connection whose peer does not keep to any protocol. */
export interface RawConnection extends Disposable {
  /** Resolves when the other side has closed it. */
  readonly closed: Promise<unknown>;
}

/** Something that can carry a session. */
export interface WireKind {
  /** Listens; `meet` is given each connection. */
  listen(meet: (transport: Transport) => void): Promise<WirePort>;
  /** Bytes that no peer may send. */
  readonly hostile: Readonly<Record<string, readonly number[]>>;
}

const LOOPBACK = "127.0.0.1";

const UPGRADE = [
  "GET /v1/session HTTP/1.1",
  "host: node",
  "connection: upgrade",
  "upgrade: websocket",
  "sec-websocket-version: 13",
  "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
].join("\r\n") + "\r\n\r\n";

const NO_MASK = [0, 0, 0, 0];

/** By name. */
export const WIRE_KINDS: Readonly<Record<string, WireKind>> = {
  "a WebSocket over TLS": {
    listen: listenWebSocket,
    hostile: {
      "a text": [0x81, 0x81, ...NO_MASK, 65],
      "an empty packet": [0x82, 0x80, ...NO_MASK],
      "a packet that is no frame": [0x82, 0x83, ...NO_MASK, 1, 2, 3],
      "a packet of 2^40 bytes": [0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, ...NO_MASK],
      "an unknown opcode": [0x87, 0x80, ...NO_MASK],
      "a ping that is too long": [0x89, 0xfe, 1, 0, ...NO_MASK],
    },
  },
  "a byte stream": {
    listen: listenStream,
    hostile: {
      "an empty packet": [0, 0, 0, 0, 0],
      "a packet that is no frame": [0, 0, 0, 0, 3, 1, 2, 3],
      "a packet of 2^32 bytes": [0, 255, 255, 255, 255],
      "an unknown kind": [4, 0, 0, 0, 0],
      "a ping with bytes": [1, 0, 0, 0, 1, 0],
      "a close that is too short": [3, 0, 0, 0, 1, 0],
      "a request of HTTP": [...new TextEncoder().encode(UPGRADE)],
    },
  },
};

async function listenWebSocket(meet: (transport: Transport) => void): Promise<WirePort> {
  const node = await openRogueNode((socket, stream) =>
    meet(new WebSocketTransport(socket, stream))
  );
  const runner = makeRunnerIdentity();
  const { known } = node;
  const tls = pinnedTls(runner, known);
  return {
    port: known.port,
    dial: (port, signal) => openTransport({ ...known, port }, { tls, signal }),
    sendRaw: async (bytes) => {
      const socket: Socket = connectTls({ host: LOOPBACK, port: known.port, ...tls });
      const closed = new Promise((resolve) => socket.once("close", resolve));
      // Errors are what it asks for; they are followed by the close.
      socket.on("error", () => {});
      socket.write(UPGRADE);
      await new Promise((resolve) => socket.once("data", resolve));
      socket.resume();
      socket.write(bytes);
      return { closed, [Symbol.dispose]: () => void socket.destroy() };
    },
    [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
  };
}

async function listenStream(meet: (transport: Transport) => void): Promise<WirePort> {
  const listener = Deno.listen({ hostname: LOOPBACK, port: 0 });
  const transports: Transport[] = [];
  const accepting = (async () => {
    for await (const connection of listener) {
      const transport = new StreamTransport(connection);
      transports.push(transport);
      meet(transport);
    }
  })();
  return await Promise.resolve({
    port: listener.addr.port,
    dial: async (port, signal) => {
      signal.throwIfAborted();
      return new StreamTransport(await Deno.connect({ hostname: LOOPBACK, port }));
    },
    sendRaw: async (bytes) => {
      const connection = await Deno.connect({ hostname: LOOPBACK, port: listener.addr.port });
      const closed = new Response(connection.readable).bytes().catch(() => {});
      await connection.write(bytes);
      return {
        closed,
        [Symbol.dispose]: () => {
          try {
            connection.close();
          } catch {
            // It was closed when it had been read to its end.
          }
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      listener.close();
      await accepting;
      for (const transport of transports) transport.terminate();
    },
  });
}
