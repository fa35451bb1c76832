import { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttpsServer, type Server as HttpsServer } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer } from "ws";
import type { LaunchDocument } from "../identity/enrolment_proof.ts";
import type { NodeIdentity } from "../identity/identity.ts";
import { MAX_HEARTBEAT } from "../wire/protocol.ts";
import { record, text } from "../wire/shape.ts";
import type { Transport } from "../wire/transport.ts";
import { SERVER_SOCKET } from "../wire/web_socket.ts";
import { WebSocketTransport } from "../wire/web_socket_transport.ts";
import { Enrolment, EnrolmentRefused } from "./enrolment.ts";
import { FrontDoor } from "./front_door.ts";

/** Bytes of the longest request body: that of an enrolment. */
const MAX_BODY = 4 * 1024;

/**
 * No timer of the runtime's own: it would keep each connection whose handshake has failed for two
 * minutes, 18 KB each. The front door's time bounds handshakes.
 */
const NO_TIMER = -1;

/** What an agent listens with, and what takes the connections that come. */
export interface AgentServerOptions {
  readonly hostname: string;
  readonly port: number;
  readonly launch: LaunchDocument;
  readonly identity: NodeIdentity;
  /** Takes over a connection of a session. */
  readonly onSession: (transport: Transport) => void;
  /** Called for each sign of life of the runner. */
  readonly onHeartbeat: () => void;
  /** Takes the lines of the agent's log. */
  readonly log: (line: string) => void;
}

const enrolmentShape = record({ id: text(64), proof: text(64) });

/**
 * The HTTPS front of an agent. Only the runner's certificate passes the handshake, and until the
 * agent is enrolled, enrolment is all that it serves.
 */
export class AgentServer implements AsyncDisposable {
  readonly #options: AgentServerOptions;
  readonly #enrolment: Enrolment;
  /** Gets the connections that the front door lets in. */
  readonly #server: HttpsServer;
  #door: FrontDoor | undefined;
  readonly #sessions = new WebSocketServer({ noServer: true, ...SERVER_SOCKET });
  readonly #leases = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_HEARTBEAT,
  });

  private constructor(options: AgentServerOptions) {
    this.#options = options;
    this.#enrolment = new Enrolment(options.launch.token, options.identity);
    this.#server = createHttpsServer({
      cert: options.identity.certificate,
      key: options.identity.privateKey,
      ca: options.launch.caCertificate,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: "TLSv1.3",
      handshakeTimeout: NO_TIMER,
    }, (request, response) => void this.#handle(request, response));
    this.#server.on("upgrade", (request, socket, head) => this.#upgrade(request, socket, head));
    this.#server.on("tlsClientError", (error, socket) => {
      this.#door?.refuse(String(socket.authorizationError ?? error.message));
    });
    this.#server.on("clientError", (_error, socket) => socket.destroy());
    this.#sessions.on("connection", (socket, { socket: stream }) => {
      options.onSession(new WebSocketTransport(socket, stream));
    });
    this.#leases.on("connection", (socket) => this.#serveLease(socket));
  }

  /** Begins to listen; rejects when that is not possible. */
  static async listen(options: AgentServerOptions): Promise<AgentServer> {
    const server = new AgentServer(options);
    const { hostname, port, log } = options;
    const onConnection = (socket: Socket): void => void server.#server.emit("connection", socket);
    server.#door = await FrontDoor.open({ hostname, port, onConnection, log });
    return server;
  }

  /** The address at which it listens, with the port that the system chose. */
  get address(): { hostname: string; port: number } {
    return this.#door!.address;
  }

  /** Closes every connection and the port. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const { clients } of [this.#sessions, this.#leases]) {
      for (const client of clients) client.terminate();
    }
    await this.#door?.[Symbol.asyncDispose]();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const reply = (status: number, body: object): void => {
      response.writeHead(status, { "content-type": "application/json", connection: "close" });
      response.end(JSON.stringify(body));
    };
    // Its error is followed by its close.
    response.on("error", () => {});
    try {
      reply(200, await this.#answer(request));
    } catch (error) {
      const { message } = error as Error;
      const status = error instanceof RequestRefused ? error.status : 400;
      this.#options.log(`${request.method} ${request.url} refused: ${message}`);
      if (!response.headersSent) reply(status, { error: message });
    }
  }

  async #answer(request: IncomingMessage): Promise<object> {
    switch (`${request.method} ${request.url}`) {
      case "POST /v1/enrol":
        return await this.#enrol(await readBody(request));
      default:
        throw new RequestRefused(404, "there is nothing of that name");
    }
  }

  async #enrol(body: string): Promise<object> {
    try {
      return await this.#enrolment.enrol(enrolmentShape(JSON.parse(body), "the enrolment"));
    } catch (error) {
      if (error instanceof EnrolmentRefused) throw new RequestRefused(403, error.message);
      throw error;
    }
  }

  #checkEnrolled(): void {
    if (!this.#enrolment.done) throw new RequestRefused(403, "this agent is not enrolled yet");
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      this.#checkEnrolled();
      const server =
        { "/v1/session": this.#sessions, "/v1/lease": this.#leases }[request.url ?? ""];
      if (!server) throw new RequestRefused(404, "there is nothing of that name");
      this.#door?.keep(request.socket);
      const opened = (client: WebSocket) => server.emit("connection", client, request);
      server.handleUpgrade(request, socket, head, opened);
    } catch (error) {
      const { status = 400, message } = error as RequestRefused;
      this.#options.log(`upgrade to ${request.url} refused: ${message}`);
      // No other listener is left for errors that it may still emit.
      socket.on("error", () => {});
      socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    }
  }

  /** A heartbeat is any message; the reply tells what time it is here. */
  #serveLease(socket: WebSocket): void {
    socket.on("message", () => {
      this.#options.onHeartbeat();
      socket.send(JSON.stringify({ time: Date.now() }));
    });
    socket.on("error", (error) => this.#options.log(`lease connection failed: ${error.message}`));
  }
}

/** A request is answered with this status and one line of reason. */
class RequestRefused extends Error {
  override readonly name = "RequestRefused";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY) throw new RequestRefused(413, `the body has more than ${MAX_BODY} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
