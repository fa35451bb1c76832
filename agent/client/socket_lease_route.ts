import { MAX_HEARTBEAT, SESSION_REQUEST } from "../wire/protocol.ts";
import type { StreamTransport } from "../wire/stream_transport.ts";
import { NO_OP_RECEIVER, type Transport } from "../wire/transport.ts";
import type { LeaseConnection, LeaseEvents, LeaseRoute } from "./lease_route.ts";
import { SessionCalls } from "./session_calls.ts";
import { SocketDoor } from "./socket_door.ts";

/** Where an agent calls, and how it proves itself. */
export interface LeaseSocket {
  /** Path of the socket. */
  readonly path: string;
  /** The launch token. */
  readonly token: string;
}

/** Leads to an agent that calls at a socket of this thread's: the agent makes every connection. */
export class SocketLeaseRoute implements LeaseRoute {
  readonly #events: LeaseEvents;
  readonly #door: SocketDoor;
  readonly #sessions = new SessionCalls();
  #lease: StreamTransport | undefined;
  /** Sessions that were asked for and have not come. */
  #asked = 0;

  /** Begins to listen; throws when that is not possible. */
  constructor({ path, token }: LeaseSocket, events: LeaseEvents) {
    this.#events = events;
    this.#door = SocketDoor.open({
      path,
      token,
      purposes: ["lease", "session"],
      onProven: (transport, purpose) => {
        if (purpose === "lease") this.#use(transport);
        else this.#sessions.take(transport);
      },
    });
  }

  /** Does nothing: the agent calls by itself. */
  connect(): void {}

  async dial(signal: AbortSignal): Promise<Transport> {
    this.#asked += 1;
    try {
      this.#ask();
      return await this.#sessions.next(signal);
    } finally {
      this.#asked -= 1;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sessions[Symbol.dispose]();
    await this.#door[Symbol.asyncDispose]();
    this.#lease?.terminate();
  }

  /** Without a connection it is asked for as soon as there is one. */
  #ask(): void {
    if (this.#lease) send(this.#lease, SESSION_REQUEST);
  }

  #use(transport: StreamTransport): void {
    this.#lease?.terminate();
    this.#lease = transport;
    const connection: LeaseConnection = {
      send: (text) => send(transport, text),
      terminate: () => transport.terminate(),
    };
    transport.maxPacket = MAX_HEARTBEAT;
    transport.receiver = {
      ...NO_OP_RECEIVER,
      packet: (bytes) => this.#events.said(new TextDecoder().decode(bytes)),
      violated: () => transport.terminate(),
      closed: () => this.#close(transport, connection),
    };
    this.#events.opened(connection);
    // The agent may not have got what it was asked over the connection before.
    for (let each = 0; each < this.#asked; each++) this.#ask();
  }

  #close(transport: StreamTransport, connection: LeaseConnection): void {
    if (this.#lease === transport) this.#lease = undefined;
    this.#events.closed(connection);
  }
}

function send(transport: StreamTransport, text: string): void {
  transport.send(new TextEncoder().encode(text), () => {});
}
