import { createServer, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";

/** How an agent is reached: an address, or whatever else opens a connection to it. */
export type AgentRoute =
  | { readonly hostname: string; readonly port: number }
  | ((signal: AbortSignal) => Promise<Duplex>);

/** An address at which an agent is reached. */
export interface AgentAddress extends AsyncDisposable {
  readonly hostname: string;
  readonly port: number;
}

/**
 * The address of a route. One that is a function gets a port of this machine's loopback, so that
 * heartbeats, which have a thread of their own, go the same way. Whoever else finds that port has no
 * certificate.
 */
export async function addressOf(route: AgentRoute): Promise<AgentAddress> {
  if (typeof route === "function") return await RouteBridge.open(route);
  return { ...route, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** A port of this machine whose connections go a route that is a function. */
class RouteBridge implements AgentAddress {
  readonly hostname = "127.0.0.1";
  readonly port: number;
  readonly #server: Server;
  readonly #controller: AbortController;
  readonly #sockets: Set<Duplex>;

  private constructor(
    server: Server,
    { controller, sockets }: { controller: AbortController; sockets: Set<Duplex> },
  ) {
    this.#server = server;
    this.#controller = controller;
    this.#sockets = sockets;
    this.port = (server.address() as AddressInfo).port;
  }

  static async open(route: (signal: AbortSignal) => Promise<Duplex>): Promise<RouteBridge> {
    const controller = new AbortController();
    const sockets = new Set<Duplex>();
    const server = createServer((socket) => {
      track(sockets, socket);
      // A connection that cannot be made is closed, as one that is refused would be.
      bridge(socket, { route, sockets, signal: controller.signal }).catch(() => socket.destroy());
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once("error", reject).listen({ host: "127.0.0.1", port: 0 }, resolve);
    await promise;
    return new RouteBridge(server, { controller, sockets });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort(new Error("the route was closed"));
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets) socket.destroy();
    await promise;
  }
}

/** Where a connection of a bridge goes. */
interface BridgeOptions {
  readonly route: (signal: AbortSignal) => Promise<Duplex>;
  readonly sockets: Set<Duplex>;
  readonly signal: AbortSignal;
}

async function bridge(socket: Socket, { route, sockets, signal }: BridgeOptions): Promise<void> {
  const far = await route(signal);
  track(sockets, far);
  socket.setNoDelay(true);
  await Promise.all([pipeline(socket, far), pipeline(far, socket)]);
}

function track(sockets: Set<Duplex>, socket: Duplex): void {
  sockets.add(socket);
  socket.once("close", () => sockets.delete(socket));
  socket.on("error", () => socket.destroy());
}
