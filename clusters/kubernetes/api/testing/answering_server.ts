import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import { KubeApi } from "../kube_api.ts";

/** A request, as an API server gets it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** What is answered: `"hang"` nothing at all, `"cut"` ends the connection without an answer. */
export type GivenAnswer = "hang" | "cut" | {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** JSON, unless it is a text. */
  readonly body?: unknown;
  /** The answer does not end after its body. */
  readonly isOpen?: boolean;
};

/** How the server behaves. */
export interface AnsweringServerOptions {
  readonly answer?: (request: SeenRequest) => GivenAnswer;
  /** Which protocol of those that are offered is chosen. */
  readonly protocol?: string;
  readonly onSocket?: (socket: WebSocket, request: SeenRequest) => void;
}

/** An API server that gives the answers of others, such as are newer than the one at hand; on loopback. */
export class AnsweringServer implements AsyncDisposable {
  readonly seen: SeenRequest[] = [];
  readonly #server = createServer();
  readonly #sockets = new Set<Socket>();
  readonly #options: AnsweringServerOptions;
  #arrival = Promise.withResolvers<void>();

  private constructor(options: AnsweringServerOptions) {
    this.#options = options;
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      socket.on("error", () => {});
    });
    this.#server.on("request", (request, response) => void this.#answer(request, response));
    this.#acceptSockets();
  }

  static async open(options: AnsweringServerOptions): Promise<AnsweringServer> {
    const server = new AnsweringServer(options);
    server.#server.listen({ host: "127.0.0.1", port: 0 });
    await once(server.#server, "listening");
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** A kubeconfig that leads there, in `folder`; `user` and `cluster` are added to those entries. */
  async kubeconfig(folder: string, { user = {}, cluster = {} } = {}): Promise<string> {
    const path = `${folder}/kubeconfig`;
    const server = `http://127.0.0.1:${this.port}`;
    await Deno.writeTextFile(
      path,
      JSON.stringify({
        clusters: [{ name: "c", cluster: { server, ...cluster } }],
        users: [{ name: "u", user }],
        contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "tests" } }],
        "current-context": "x",
      }),
    );
    return path;
  }

  /** Access to it. */
  async api(stack: AsyncDisposableStack, entries = {}): Promise<KubeApi> {
    const folder = await Deno.makeTempDir();
    stack.defer(() => Deno.remove(folder, { recursive: true }));
    return stack.use(await KubeApi.find({ kubeconfig: await this.kubeconfig(folder, entries) }));
  }

  /** Waits until it has seen so many requests. */
  async arrived(count: number): Promise<void> {
    while (this.seen.length < count) await this.#arrival.promise;
  }

  /** Ends all connections that there are. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = await this.#see(request);
    const given = this.#options.answer?.(seen) ?? {};
    if (given === "hang") return;
    if (given === "cut") return void request.socket.destroy();
    const { status = 200, headers = {}, body = {}, isOpen = false } = given;
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    const text = typeof body === "string" ? body : JSON.stringify(body);
    if (isOpen) response.write(text);
    else response.end(text);
  }

  async #see(request: IncomingMessage): Promise<SeenRequest> {
    const seen = await seenRequest(request);
    this.seen.push(seen);
    this.#arrival.resolve();
    this.#arrival = Promise.withResolvers();
    return seen;
  }

  #acceptSockets(): void {
    const { protocol, onSocket } = this.#options;
    const handleProtocols = (offered: Set<string>) =>
      protocol !== undefined && offered.has(protocol) ? protocol : [...offered][0]!;
    const sockets = new WebSocketServer({ noServer: true, handleProtocols });
    this.#server.on(
      "upgrade",
      async (request: IncomingMessage, socket: Duplex, head: Uint8Array) => {
        const seen = await seenRequest(request);
        this.seen.push(seen);
        if (!onSocket) return refuse(socket, this.#options.answer?.(seen) ?? {});
        sockets.handleUpgrade(request, socket, head as never, (ws: WebSocket) => {
          ws.on("error", () => {});
          onSocket(ws, seen);
        });
      },
    );
  }
}

function refuse(socket: Duplex, given: GivenAnswer): void {
  if (given === "hang") return;
  if (given === "cut") return void socket.destroy();
  const { status = 400, headers = {}, body = {} } = given;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const lines = Object.entries({ "Content-Length": text.length, ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\n${lines.join("")}\r\n${text}`);
}

async function seenRequest(request: IncomingMessage): Promise<SeenRequest> {
  const url = new URL(request.url ?? "", "http://here");
  let body = "";
  if (request.method !== "GET") { for await (const part of request) body += part; }
  return {
    method: request.method ?? "",
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
  };
}
