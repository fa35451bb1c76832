import { messageOf } from "../host/described_error.ts";
import type { HostInfo } from "../host/host.ts";
import type { Channel } from "../wire/channel.ts";
import { Channels, type OpenOptions } from "../wire/channels.ts";
import { decodeWelcome, encodeHello } from "../wire/hello.ts";
import { type KeepAlive, PacketConnection } from "../wire/packet_connection.ts";
import { CloseCode } from "../wire/protocol.ts";
import { Session } from "../wire/session.ts";
import type { Transport, TransportEnd } from "../wire/transport.ts";
import { Deadline } from "../deadline.ts";
import { delay } from "../delay.ts";
import { settledWithin } from "../settled_within.ts";
import { HostLostError } from "./host_lost_error.ts";
import type { LossReason } from "./loss_reason.ts";
import { endOf, SessionRefused } from "./session_refused.ts";

/** Opens a connection to the agent for a session; rejects when that fails or `signal` aborts. */
export type Dial = (signal: AbortSignal) => Promise<Transport>;

/** How a session is kept. */
export interface ClientSessionOptions {
  /** Milliseconds after a break for which a new connection is tried: the lease. @default 60000 */
  readonly patience?: number | undefined;
  /** How a stalled connection is noticed. @default see {@linkcode KeepAlive} */
  readonly keepAlive?: KeepAlive | undefined;
  /** Aborts the opening. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether an attempt to open it that is not answered in time is followed by another, for as long as `signal`
   * does not abort. @default false
   */
  readonly persists?: boolean | undefined;
}

/** Milliseconds that an attempt to connect again may take, before there is another one. */
const CONNECT_TIMEOUT = 10_000;

/** Milliseconds that one of the first may take: many nodes that start are slow to answer. */
const FIRST_TIMEOUT = 30_000;

/** Milliseconds of the longest pause between attempts. */
const MAX_PAUSE = 1000;

/** Attempts made before giving up, however late it is: a runner that was paused has to try first. */
const MIN_ATTEMPTS = 3;

/** Milliseconds that the agent has to end what was started, when the session is disposed. */
const DRAIN_TIMEOUT = 5000;

/** The runner's end of a session: it connects again whenever the connection breaks. */
export class ClientSession implements AsyncDisposable {
  /** Resolves, once, to the reason for which the session is over, unless it was disposed. */
  readonly lost: Promise<LossReason>;
  #id: string = crypto.randomUUID().replaceAll("-", "");
  #dial: Dial;
  #patience: number;
  #keepAlive: KeepAlive | undefined;
  #session: Session;
  #channels: Channels;
  #host: HostInfo | undefined;
  #lose: (reason: LossReason) => void;
  #error: Error | undefined;
  #closing = new AbortController();
  /** The latest attempts to connect again. */
  #reconnecting: Promise<void> | undefined;
  /** Connections whose sockets are not closed for good. */
  #connections: Set<PacketConnection> = new Set();

  private constructor(dial: Dial, { patience = 60_000, keepAlive }: ClientSessionOptions) {
    this.#dial = dial;
    this.#patience = patience;
    this.#keepAlive = keepAlive;
    this.#session = new Session({
      frame: (frame) => this.#channels.receive(frame),
      cut: (end) => this.#cut(end),
      failed: (error) =>
        this.fail(`the agent broke the protocol: ${error.message}`, { cause: error }),
    });
    this.#channels = new Channels(this.#session.outbox);
    const { promise, resolve } = Promise.withResolvers<LossReason>();
    this.lost = promise;
    this.#lose = resolve;
  }

  /**
   * Connects for the first time.
   *
   * @throws what `dial` throws, the reason of `signal`, or an error with what the agent says against it.
   */
  static async open(dial: Dial, options: ClientSessionOptions = {}): Promise<ClientSession> {
    options.signal?.throwIfAborted();
    const session = new ClientSession(dial, options);
    await session.#connectFirst(options);
    return session;
  }

  /** What the agent says of its host. */
  get host(): HostInfo {
    if (!this.#host) throw new TypeError("the session is not open");
    return this.#host;
  }

  /** Asks for an operation. @throws {HostLostError} if the session is over. */
  channel(options: OpenOptions): Channel {
    if (this.#error) throw this.#error;
    return this.#channels.open(options);
  }

  /** Gives the session up: whatever waits for it fails at once. */
  fail(reason: string, options?: ErrorOptions): void {
    if (this.#end(new HostLostError(reason, options))) this.#lose({ summary: reason, ...options });
  }

  /** Leaves the present connection, and goes on over a new one. */
  reconnect(): void {
    this.#session.connection?.terminate("the connection was given up for another");
  }

  /** Closes every channel, waits within a bound until all has ended over there, and ends the session. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#error) await settledWithin(DRAIN_TIMEOUT, this.#channels.drain());
    this.#end(new Deno.errors.Interrupted("the session was closed"));
    await this.#reconnecting;
    await Promise.all([...this.#connections].map((connection) => connection.gone));
  }

  #end(error: Error): boolean {
    if (this.#error) return false;
    this.#error = error;
    this.#closing.abort(error);
    this.#session.end(CloseCode.done, "done");
    this.#channels.breakOff(error);
    return true;
  }

  #cut(end: TransportEnd): void {
    const error = endOf(end);
    if (error instanceof SessionRefused) return this.fail(error.message);
    this.#reconnecting = this.#reconnect();
  }

  async #reconnect(): Promise<void> {
    const deadline = Date.now() + this.#patience;
    for (let attempt = 0; !this.#error; attempt++) {
      try {
        return await this.#connect(CONNECT_TIMEOUT, this.#closing.signal);
      } catch (error) {
        const late = Date.now() >= deadline && attempt + 1 >= MIN_ATTEMPTS;
        if (late || error instanceof SessionRefused) this.fail(messageOf(error), { cause: error });
      }
      await delay(pause(attempt), this.#closing.signal).catch(() => {});
    }
  }

  async #connectFirst({ signal, persists = false }: ClientSessionOptions): Promise<void> {
    for (;;) {
      try {
        return await this.#connect(FIRST_TIMEOUT, signal);
      } catch (error) {
        const isLate = error instanceof Deno.errors.TimedOut && !signal?.aborted;
        if (!isLate || !persists) throw error;
      }
    }
  }

  async #connect(timeout: number, signal: AbortSignal | undefined): Promise<void> {
    using until = new Deadline(timeout, [signal], () => tooSlow(timeout));
    await this.#greet(await this.#dial(until.signal), until.signal);
  }

  async #greet(transport: Transport, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const connection = new PacketConnection(transport, {
      packet: (packet) => {
        try {
          this.#welcome(connection, packet);
          resolve();
        } catch (error) {
          connection.close(CloseCode.violation, messageOf(error));
          reject(new SessionRefused(messageOf(error), { cause: error }));
        }
      },
      drained: () => {},
      closed: (end) => reject(endOf(end)),
    }, this.#keepAlive);
    this.#connections.add(connection);
    connection.gone.then(() => this.#connections.delete(connection));
    const abort = () => {
      connection.terminate("given up");
      reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    else connection.send(this.#hello());
    await promise.finally(() => signal.removeEventListener("abort", abort));
  }

  #hello(): Uint8Array<ArrayBuffer> {
    const resume = this.#host !== undefined;
    return encodeHello({ session: this.#id, resume, received: this.#session.received });
  }

  /** Called in the turn in which the packet came, so that none after it can be missed. */
  #welcome(connection: PacketConnection, packet: Uint8Array<ArrayBuffer>): void {
    const { received, host } = decodeWelcome(packet);
    this.#host ??= host;
    this.#session.attach(connection, received);
  }
}

function pause(attempt: number): number {
  return attempt === 0 ? 0 : Math.min(MAX_PAUSE, 25 * 2 ** attempt) * (0.5 + Math.random() / 2);
}

function tooSlow(timeout: number): Error {
  return new Deno.errors.TimedOut(`the agent did not answer within ${timeout / 1000} s`);
}
