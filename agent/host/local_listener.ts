import { messageOf } from "./described_error.ts";
import type { HostConnection, HostListener, ListenOptions } from "./host.ts";
import { closeAndRelease } from "./sockets/released_port.ts";
import { settledWithin } from "../settled_within.ts";

/** Milliseconds until an `accept` that has failed is tried again. */
const PAUSE = 100;

/** What a listener is made of, besides its socket. */
export interface LocalListenerOptions extends Pick<ListenOptions, "onTrouble"> {
  /** Makes a connection of what was accepted. */
  readonly adopt: (conn: Deno.Conn) => HostConnection;
  readonly onClosed: () => void;
}

/**
 * A listener of this machine. An `accept` that fails, as all do while the process has no descriptors
 * left, does not end it: the connections wait in the system's queue, and are taken later.
 */
export class LocalListener implements HostListener {
  readonly addr: Deno.NetAddr | Deno.UnixAddr;
  readonly #listener: Deno.Listener;
  readonly #adopt: (conn: Deno.Conn) => HostConnection;
  readonly #onClosed: () => void;
  readonly #onTrouble: (message: string) => void;
  readonly #closing = Promise.withResolvers<void>();
  #closed = false;
  #disposal: Promise<void> | undefined;
  /** Keeps the socket open, also after it was closed, until it has settled. */
  #accepting: Promise<unknown> | undefined;
  /** The latest `accept` has failed, and its caller has got the error. */
  #inTrouble = false;

  constructor(
    listener: Deno.Listener,
    { adopt, onClosed, onTrouble = () => {} }: LocalListenerOptions,
  ) {
    this.#listener = listener;
    this.addr = listener.addr as Deno.NetAddr | Deno.UnixAddr;
    this.#adopt = adopt;
    this.#onClosed = onClosed;
    this.#onTrouble = onTrouble;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<HostConnection, void, undefined> {
    while (!this.#closed) {
      const conn = await this.#accept();
      if (conn) yield this.#adopt(conn);
    }
  }

  /** Closes the listener; what it accepted stays open. Resolves when the port is free. Idempotent. */
  [Symbol.asyncDispose](): Promise<void> {
    const { addr } = this;
    const close = () => this.#close();
    return this.#disposal ??= "port" in addr ? closeAndRelease(addr, close) : close();
  }

  async #close(): Promise<void> {
    this.#closed = true;
    this.#closing.resolve();
    this.#listener.close();
    this.#onClosed();
    await this.#accepting?.catch(() => {});
  }

  /** The next connection; `undefined` if there is none now. */
  async #accept(): Promise<Deno.Conn | undefined> {
    try {
      const accepting = this.#listener.accept();
      this.#accepting = accepting;
      const conn = await accepting;
      this.#inTrouble = false;
      return conn;
    } catch (error) {
      // One that was gone before it was accepted is no trouble.
      if (this.#closed || error instanceof Deno.errors.ConnectionAborted) return undefined;
      this.#tell(error);
      await settledWithin(PAUSE, this.#closing.promise);
    }
  }

  #tell(error: unknown): void {
    if (this.#inTrouble) return;
    this.#inTrouble = true;
    const at = "path" in this.addr ? this.addr.path : `port ${this.addr.port}`;
    this.#onTrouble(`Cannot accept connections at ${at} for now: ${messageOf(error)}`);
  }
}
