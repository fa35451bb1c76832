import { delay } from "../delay.ts";
import { startFirstTimer } from "../first_timer.ts";
import type { Purpose } from "../identity/connection_proof.ts";
import { answerRunner } from "../wire/handshake.ts";
import { MAX_HEARTBEAT, SESSION_REQUEST, SocketName } from "../wire/protocol.ts";
import { StreamTransport } from "../wire/stream_transport.ts";
import { NO_OP_RECEIVER, type Transport } from "../wire/transport.ts";

/** Milliseconds between two attempts to reach a socket: at first, and at most. */
const PAUSES = { first: 5, last: 1_000 };

/** Milliseconds in which the runner has to be reached for the first time. */
const PATIENCE = 10_000;

/** Where the runner listens, and what takes its connections. */
export interface RunnerSocketsOptions {
  /** The folder with its sockets. */
  readonly dir: string;
  /** The launch token. */
  readonly token: string;
  /** Takes over a connection of a session. */
  readonly onSession: (transport: Transport) => void;
  /** Called for each sign of life of the runner. */
  readonly onHeartbeat: () => void;
  /** Takes the lines of the agent's log. */
  readonly log: (line: string) => void;
  /** Milliseconds in which the runner has to be reached for the first time. @default 10000 */
  readonly patience?: number | undefined;
}

/** A connection to the runner. `use` takes it over in the turn in which both sides have proved themselves. */
interface Call {
  readonly socket: SocketName;
  readonly purpose: Purpose;
  readonly use: (transport: StreamTransport) => void;
}

/** The runner's sockets could not be reached: its engine may have other files, or forbid it. */
export class UnreachableRunner extends Error {
  override readonly name = "UnreachableRunner";
}

/**
 * The sockets of a runner on this machine. The agent keeps a connection to each: for heartbeats, and for
 * the session of the runner's main thread. A connection that breaks is made anew.
 */
export class RunnerSockets implements AsyncDisposable {
  readonly #options: RunnerSocketsOptions;
  readonly #end = new AbortController();
  readonly #transports = new Set<StreamTransport>();
  #keeping: Promise<void>[] = [];

  private constructor(options: RunnerSocketsOptions) {
    this.#options = options;
  }

  /** Resolves once the runner has proved itself at the socket for heartbeats, which never waits. */
  static async connect(options: RunnerSocketsOptions): Promise<RunnerSockets> {
    const { dir, patience = PATIENCE } = options;
    const sockets = new RunnerSockets(options);
    try {
      await sockets.#reach(patience);
      return sockets;
    } catch (error) {
      await sockets[Symbol.asyncDispose]();
      const { message } = error as Error;
      throw new UnreachableRunner(`Cannot reach the runner's sockets in "${dir}": ${message}`, {
        cause: error,
      });
    }
  }

  /** Closes every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort();
    for (const transport of this.#transports) transport.terminate();
    await Promise.all(this.#keeping);
  }

  async #reach(patience: number): Promise<void> {
    const late = Promise.withResolvers<never>();
    const tooLate = () => late.reject(new Error("nobody answers there"));
    using _timer = startFirstTimer(patience, tooLate);
    await Promise.race([this.#keepAll(), late.promise]);
  }

  async #keepAll(): Promise<void> {
    const lease = {
      socket: SocketName.lease,
      purpose: "lease",
      use: (transport: StreamTransport) => this.#serveLease(transport),
    } as const;
    const session = { socket: SocketName.session, purpose: "session", use: this.#serve } as const;
    const { ended } = await this.#call(lease);
    this.#keeping = [ended.then(() => this.#keep(lease)), this.#keep(session)];
  }

  #serve = (transport: StreamTransport): void => this.#options.onSession(transport);

  /** Calls again whenever the connection is gone, until the agent ends. */
  async #keep(call: Call): Promise<void> {
    const { signal } = this.#end;
    let pause = PAUSES.first;
    let isMissed = false;
    while (!signal.aborted) {
      try {
        const { ended } = await this.#call(call);
        pause = PAUSES.first;
        isMissed = false;
        await ended;
      } catch (error) {
        if (!isMissed && !signal.aborted) this.#miss(call, error);
        isMissed = true;
      }
      await delay(pause, signal).catch(() => {});
      pause = Math.min(PAUSES.last, 1.5 * pause);
    }
  }

  /** One line for each time that the runner is not reached any more, however often that is tried. */
  #miss({ socket }: Call, error: unknown): void {
    this.#options.log(`cannot reach the runner's socket "${socket}": ${(error as Error).message}`);
  }

  /** Resolves once both sides have proved themselves, to the end of the connection. */
  async #call({ socket, purpose, use }: Call): Promise<{ readonly ended: Promise<void> }> {
    const { dir, token } = this.#options;
    const path = `${dir}/${socket}`;
    const transport = new StreamTransport(await Deno.connect({ transport: "unix", path }));
    this.#transports.add(transport);
    const { ended } = transport;
    ended.then(() => this.#transports.delete(transport));
    if (this.#end.signal.aborted) transport.terminate();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const proven = () => {
      use(transport);
      resolve();
    };
    answerRunner(transport, { token, purpose, proven, failed: reject });
    await promise;
    return { ended };
  }

  /** The reply to a heartbeat tells what time it is here. */
  #serveLease(transport: StreamTransport): void {
    transport.maxPacket = MAX_HEARTBEAT;
    transport.receiver = {
      ...NO_OP_RECEIVER,
      packet: (bytes) => {
        const text = new TextDecoder().decode(bytes);
        if (text === SESSION_REQUEST) return void this.#callForSession();
        this.#options.onHeartbeat();
        const reply = JSON.stringify({ time: Date.now() });
        transport.send(new TextEncoder().encode(reply), () => {});
      },
      violated: () => transport.terminate(),
    };
  }

  /** The thread that sends heartbeats wants a session of its own. */
  async #callForSession(): Promise<void> {
    const call = { socket: SocketName.lease, purpose: "session", use: this.#serve } as const;
    await this.#call(call).catch((error) => this.#miss(call, error));
  }
}
