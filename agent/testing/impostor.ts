import type { IncomingMessage } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { makeNodeIdentity, type NodeIdentity } from "../identity/identity.ts";

/** What an impostor answers to a request. */
export type ImpostorAnswer = (
  request: { readonly path: string; readonly body: string; readonly identity: NodeIdentity },
) => Promise<{ readonly status: number; readonly body: unknown }>;

/** Something between a runner and an agent, which has a certificate of its own to show. */
export class Impostor implements AsyncDisposable {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.#server = server;
    this.#sockets = sockets;
    this.address = { hostname: "127.0.0.1", port: (server.address() as AddressInfo).port };
  }

  static async open(answer: ImpostorAnswer): Promise<Impostor> {
    const identity = makeNodeIdentity();
    const sockets = new Set<Socket>();
    const { certificate: cert, privateKey: key } = identity;
    const server = createServer({ cert, key, minVersion: "TLSv1.3" }, async (request, response) => {
      const path = request.url ?? "";
      const { status, body } = await answer({ path, body: await bodyOf(request), identity });
      response.writeHead(status, { connection: "close" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
    });
    // A client that recognizes the impostor breaks the handshake off.
    server.on("tlsClientError", () => {});
    const { promise, resolve } = Promise.withResolvers<void>();
    server.listen({ host: "127.0.0.1", port: 0 }, resolve);
    await promise;
    return new Impostor(server, sockets);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets) socket.destroy();
    await promise;
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  return body;
}
