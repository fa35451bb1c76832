import { errorOf } from "../host/described_error.ts";
import type { Host, HostProcess, OutputFeed } from "../host/host.ts";
import type { Channel, ChannelOutcome } from "../wire/channel.ts";
import { Channels, type OpenRequest } from "../wire/channels.ts";
import type { PacketConnection } from "../wire/packet_connection.ts";
import { CloseCode } from "../wire/protocol.ts";
import { Session } from "../wire/session.ts";
import type { TransportEnd } from "../wire/transport.ts";
import type { ConnectionQueue } from "./connection_queue.ts";
import { OPERATIONS } from "./operations.ts";
import { ServedChannel } from "./served_channel.ts";

/** What a served session tells the server. */
export interface ServedSessionEvents {
  /** The session has lost its connection, and waits for another one. */
  cut(end: TransportEnd): void;
  /** The session is over, and everything that it started has ended. */
  ended(reason: string): void;
}

/** The agent's end of a session: does what is asked for on its channels. */
export class ServedSession {
  #host: Host;
  #events: ServedSessionEvents;
  #session: Session;
  #channels: Channels;
  #processes: Map<number, HostProcess> = new Map();
  #feed: { current?: OutputFeed | undefined } = {};
  #listeners: Map<number, ConnectionQueue> = new Map();
  #running: Set<Promise<void>> = new Set();
  #ending: Promise<void> | undefined;

  constructor(host: Host, events: ServedSessionEvents) {
    this.#host = host;
    this.#events = events;
    this.#session = new Session({
      frame: (frame) => this.#channels.receive(frame),
      cut: (end) => this.#cut(end),
      failed: (error) => this.end(CloseCode.violation, error.message),
    });
    this.#channels = new Channels(this.#session.outbox, (channel, request) => {
      const run = this.#run(channel, request);
      this.#running.add(run);
      run.catch((error) => this.end(CloseCode.violation, String(error)))
        .finally(() => this.#running.delete(run));
    });
  }

  /** Packets received: what WELCOME says. */
  get received(): number {
    return this.#session.received;
  }

  /** Whether it is over, though what it started may not have ended yet. */
  get ending(): boolean {
    return this.#ending !== undefined;
  }

  /**
   * Goes on over a new connection, which replaces the one before.
   *
   * @throws {ProtocolViolation} if the runner cannot have `received` so much; the session is over.
   */
  attach(connection: PacketConnection, received: number): void {
    this.#session.detach()?.close(CloseCode.replaced, "replaced by a newer connection");
    try {
      this.#session.attach(connection, received);
    } catch (error) {
      this.end(CloseCode.violation, "a hello that does not fit");
      throw error;
    }
  }

  /** Ends the session; resolves when everything that it started has ended. Idempotent. */
  end(code: number, reason: string): Promise<void> {
    this.#ending ??= this.#end(code, reason);
    return this.#ending;
  }

  async #end(code: number, reason: string): Promise<void> {
    this.#session.end(code, reason);
    this.#channels.breakOff(new Deno.errors.Interrupted(`The session ended: ${reason}`));
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    this.#events.ended(reason);
  }

  #cut(end: TransportEnd): void {
    if (end.code === CloseCode.done) this.end(CloseCode.done, "the runner is done");
    else this.#events.cut(end);
  }

  async #run(channel: Channel, request: OpenRequest): Promise<void> {
    const served = new ServedChannel(channel);
    served.close(await this.#perform(served, request));
  }

  async #perform(
    channel: ServedChannel,
    { operation, args }: OpenRequest,
  ): Promise<ChannelOutcome> {
    try {
      const run = OPERATIONS.get(operation);
      if (!run) throw new TypeError(`Cannot do "${operation}": no such operation`);
      const context = {
        host: this.#host,
        channel,
        processes: this.#processes,
        feed: this.#feed,
        listeners: this.#listeners,
      };
      return { result: await run(context, args) };
    } catch (error) {
      return { error: errorOf(error) };
    }
  }
}
