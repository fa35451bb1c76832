import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import type { KnownAgent } from "../client/agent_tls.ts";
import { makeNodeIdentity } from "../identity/identity.ts";

/** An enrolled node that an attacker has taken over: its certificate is right, what it says is not. */
export interface RogueNode extends AsyncDisposable {
  readonly known: KnownAgent;
}

/** `meet` is called with each WebSocket that is opened to it, and what that reads from. */
export async function openRogueNode(
  meet: (socket: WebSocket, stream: Duplex) => void,
): Promise<RogueNode> {
  const { certificate, privateKey, name } = makeNodeIdentity();
  const server = createServer({ cert: certificate, key: privateKey, minVersion: "TLSv1.3" });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, { socket: stream }) => meet(socket, stream));
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    known: { hostname: "127.0.0.1", port, certificate, name },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      for (const socket of sockets.clients) socket.terminate();
      server.close();
      await closed;
    },
  };
}
