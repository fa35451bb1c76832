import { Deadline } from "../deadline.ts";
import type { Identity } from "../identity/identity.ts";
import type { Transport } from "../wire/transport.ts";
import type { WebSocket } from "../wire/web_socket.ts";
import { openSocket, openTransport } from "./agent_socket.ts";
import { type AgentTls, type KnownAgent, pinnedTls } from "./agent_tls.ts";
import type { LeaseConnection, LeaseEvents, LeaseRoute } from "./lease_route.ts";

/** Milliseconds that a connection may take to open. */
const CONNECT_TIMEOUT = 10_000;

/** Leads to an agent that listens by TLS: this side makes every connection. */
export class TlsLeaseRoute implements LeaseRoute {
  readonly #agent: KnownAgent;
  readonly #tls: AgentTls;
  readonly #events: LeaseEvents;
  readonly #end = new AbortController();
  #connecting: Promise<void> | undefined;

  /** `runner` is who the agent accepts. */
  constructor(agent: KnownAgent, runner: Identity, events: LeaseEvents) {
    this.#agent = agent;
    this.#tls = pinnedTls(runner, agent);
    this.#events = events;
  }

  connect(): void {
    this.#connecting ??= this.#connect().finally(() => this.#connecting = undefined);
  }

  async dial(signal: AbortSignal): Promise<Transport> {
    return await openTransport(this.#agent, { tls: this.#tls, signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    await this.#connecting;
  }

  async #connect(): Promise<void> {
    try {
      using deadline = new Deadline(CONNECT_TIMEOUT, [this.#end.signal]);
      const { signal } = deadline;
      this.#use(await openSocket(this.#agent, "/v1/lease", { tls: this.#tls, signal }));
    } catch {
      // The next beat tries again; whether the node is lost is found out by its session.
    }
  }

  #use(socket: WebSocket): void {
    if (this.#end.signal.aborted) return socket.terminate();
    const connection: LeaseConnection = {
      send: (text) => socket.send(text),
      terminate: () => socket.terminate(),
    };
    socket.on("message", (data) => this.#events.said(String(data)));
    socket.on("close", () => this.#events.closed(connection));
    this.#events.opened(connection);
  }
}
