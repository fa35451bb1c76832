import { delay } from "../delay.ts";
import type { Purpose } from "../identity/connection_proof.ts";
import { challengeAgent } from "../wire/handshake.ts";
import { StreamTransport } from "../wire/stream_transport.ts";

/**
 * Connections at a time that have not proved themselves. One more takes the place of the oldest, so
 * that strangers never keep the agent out.
 */
export const MAX_UNPROVEN = 32;

/** Milliseconds after which accepting is tried again when it failed, as for want of file descriptors. */
const ACCEPT_PAUSE = 100;

/** Any program that can reach the socket may connect. It gets nothing before it has proved itself. */
const OPEN_TO_ALL = 0o777;

/** Where an agent calls, and what becomes of it. */
export interface SocketDoorOptions {
  /** Path of the socket, which does not exist yet: less than 100 bytes. */
  readonly path: string;
  /** The launch token of the one agent that is let in. */
  readonly token: string;
  /** What it may call for; other calls are refused. */
  readonly purposes: readonly Purpose[];
  /** Takes a connection over, in the turn in which its agent has proved itself. */
  readonly onProven: (transport: StreamTransport, purpose: Purpose) => void;
  /** Milliseconds that it has to prove itself. @default 10000 */
  readonly patience?: number | undefined;
}

/**
 * A Unix socket at which one agent calls, and anything else that runs beside it may knock: strangers
 * are bounded in number, memory and time, and get nothing.
 */
export class SocketDoor implements AsyncDisposable {
  readonly #options: SocketDoorOptions;
  readonly #listener: Deno.UnixListener;
  /** The oldest first. */
  readonly #unproven = new Set<StreamTransport>();
  readonly #end = new AbortController();
  readonly #accepting: Promise<void>;

  private constructor(options: SocketDoorOptions, listener: Deno.UnixListener) {
    this.#options = options;
    this.#listener = listener;
    this.#accepting = this.#acceptAll();
  }

  /** Begins to listen; throws when that is not possible. */
  static open(options: SocketDoorOptions): SocketDoor {
    const listener = Deno.listen({ transport: "unix", path: options.path });
    try {
      Deno.chmodSync(options.path, OPEN_TO_ALL);
      return new SocketDoor(options, listener);
    } catch (error) {
      listener.close();
      throw error;
    }
  }

  /** Accepts no more connections. Those that have proved themselves go on. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#end.signal.aborted) this.#listener.close();
    this.#end.abort();
    for (const transport of this.#unproven) transport.terminate();
    await this.#accepting;
  }

  async #acceptAll(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        this.#admit(await this.#listener.accept());
      } catch {
        await delay(ACCEPT_PAUSE, signal).catch(() => {});
      }
    }
  }

  #admit(connection: Deno.Conn): void {
    if (this.#end.signal.aborted) return connection.close();
    if (this.#unproven.size >= MAX_UNPROVEN) this.#shed();
    const transport = new StreamTransport(connection);
    this.#unproven.add(transport);
    const { token, purposes, patience, onProven } = this.#options;
    challengeAgent(transport, {
      token,
      purposes,
      patience,
      proven: (purpose) => {
        this.#unproven.delete(transport);
        onProven(transport, purpose);
      },
      failed: () => this.#unproven.delete(transport),
    });
  }

  #shed(): void {
    for (const oldest of this.#unproven) {
      this.#unproven.delete(oldest);
      return oldest.terminate();
    }
  }
}
