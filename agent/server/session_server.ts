import { startBackgroundTimer } from "../background_timer.ts";
import { messageOf } from "../host/described_error.ts";
import type { Host } from "../host/host.ts";
import { decodeHello, encodeWelcome, type Hello, VersionMismatch } from "../wire/hello.ts";
import { type KeepAlive, PacketConnection } from "../wire/packet_connection.ts";
import { CloseCode, HELLO_TIMEOUT } from "../wire/protocol.ts";
import type { Transport } from "../wire/transport.ts";
import { ServedSession } from "./served_session.ts";

/** How sessions are served. */
export interface SessionServerOptions {
  /** Milliseconds for which a session without a connection is kept. @default 60000 */
  readonly retention?: number | undefined;
  /** Sessions served at a time. @default 64 */
  readonly maxSessions?: number | undefined;
  /** How a stalled connection is noticed. @default see {@linkcode KeepAlive} */
  readonly keepAlive?: KeepAlive | undefined;
  /** Takes the lines of the agent's log. @default none is kept */
  readonly log?: ((line: string) => void) | undefined;
}

/** A session, and the timer that ends it when it has been without a connection for too long. */
interface KeptSession {
  readonly session: ServedSession;
  expiry: ReturnType<typeof setTimeout> | undefined;
}

/** A well-formed HELLO is refused: the connection is closed with this code. */
class HelloRefused extends Error {
  override readonly name = "HelloRefused";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Serves every member of a {@linkcode Host} to runners. */
export class SessionServer implements AsyncDisposable {
  #host: Host;
  #retention: number;
  #maxSessions: number;
  #keepAlive: KeepAlive | undefined;
  #log: (line: string) => void;
  #sessions: Map<string, KeptSession> = new Map();
  /** Connections whose sockets are not closed for good. */
  #connections: Set<PacketConnection> = new Set();
  #closing = false;

  constructor(host: Host, options: SessionServerOptions = {}) {
    const { retention = 60_000, maxSessions = 64, keepAlive, log = () => {} } = options;
    this.#host = host;
    this.#retention = retention;
    this.#maxSessions = maxSessions;
    this.#keepAlive = keepAlive;
    this.#log = log;
  }

  /** Takes over a connection, in the turn in which it opened. The runner says HELLO next. */
  attach(transport: Transport): void {
    const { promise: greeted, resolve: settle } = Promise.withResolvers<void>();
    const connection = new PacketConnection(transport, {
      packet: (packet) => {
        this.#greet(connection, packet);
        settle();
      },
      drained: () => {},
      closed: () => settle(),
    }, this.#keepAlive);
    this.#connections.add(connection);
    connection.gone.then(() => this.#connections.delete(connection));
    const timer = startBackgroundTimer(
      HELLO_TIMEOUT,
      () => connection.close(CloseCode.violation, "no hello came"),
    );
    greeted.then(() => timer[Symbol.dispose]());
    if (this.#closing) connection.close(CloseCode.ended, "the agent ends");
  }

  /** The lease was renewed: sessions without a connection get their whole time anew. */
  renew(): void {
    for (const [id, kept] of this.#sessions) {
      if (kept.expiry !== undefined) this.#expireLater(id, kept);
    }
  }

  /** Ends every session and all that they started. The host itself stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing = true;
    for (const connection of this.#connections) connection.close(CloseCode.ended, "the agent ends");
    // At once, and before sessions kill the groups that they started: what has left its group and
    // lost its environment is only found while its parent lives. The host says what cannot be killed.
    await this.#host.processes.kill().catch(() => {});
    const ends = [...this.#sessions.values()].map(({ session }) =>
      session.end(CloseCode.ended, "the agent ends")
    );
    await Promise.all([...ends, ...[...this.#connections].map((connection) => connection.gone)]);
  }

  #greet(connection: PacketConnection, packet: Uint8Array<ArrayBuffer>): void {
    try {
      const hello = decodeHello(packet);
      const session = this.#sessionFor(hello);
      connection.send(encodeWelcome({ received: session.received, host: this.#host.info }));
      session.attach(connection, hello.received);
    } catch (error) {
      const reason = messageOf(error);
      this.#log(`connection refused: ${reason}`);
      connection.close(codeOf(error), reason);
    }
  }

  /** The session that a hello is for, connected from now on. */
  #sessionFor({ session: id, resume }: Hello): ServedSession {
    const kept = this.#sessions.get(id) ?? this.#create(id, resume);
    if (kept.session.ending) {
      throw new HelloRefused(CloseCode.unknownSession, "the agent has ended this session");
    }
    stopExpiry(kept);
    return kept.session;
  }

  #create(id: string, resume: boolean): KeptSession {
    if (resume) {
      throw new HelloRefused(CloseCode.unknownSession, "the agent does not know this session");
    }
    if (this.#sessions.size >= this.#maxSessions) {
      throw new HelloRefused(CloseCode.tooManySessions, `${this.#maxSessions} sessions are open`);
    }
    const session = new ServedSession(this.#host, {
      cut: ({ reason, code }) => {
        this.#log(`session ${id} was cut: ${reason || code}`);
        this.#expireLater(id, kept);
      },
      ended: (reason) => {
        this.#log(`session ${id} ended: ${reason}`);
        stopExpiry(kept);
        this.#sessions.delete(id);
      },
    });
    const kept: KeptSession = { session, expiry: undefined };
    this.#sessions.set(id, kept);
    return kept;
  }

  #expireLater(id: string, kept: KeptSession): void {
    stopExpiry(kept);
    if (this.#closing) return;
    kept.expiry = setTimeout(() => {
      this.#log(`session ${id} was not taken up again within ${this.#retention} ms`);
      kept.session.end(CloseCode.ended, "the session was given up");
    }, this.#retention);
  }
}

/** An agent that never had such a timer does not load what `clearTimeout()` takes. */
function stopExpiry(kept: KeptSession): void {
  if (kept.expiry !== undefined) clearTimeout(kept.expiry);
  kept.expiry = undefined;
}

function codeOf(error: unknown): number {
  if (error instanceof HelloRefused) return error.code;
  return error instanceof VersionMismatch ? CloseCode.version : CloseCode.violation;
}
