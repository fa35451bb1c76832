import type { HostConnection, HostListener } from "./host.ts";

/** A listener of this machine. */
export class LocalListener implements HostListener {
  readonly addr: Deno.NetAddr | Deno.UnixAddr;
  readonly #listener: Deno.Listener;
  readonly #adopt: (conn: Deno.Conn) => HostConnection;
  readonly #onClosed: () => void;
  #closed = false;

  /** `adopt` makes a connection of what was accepted. */
  constructor(
    listener: Deno.Listener,
    options: { adopt: (conn: Deno.Conn) => HostConnection; onClosed: () => void },
  ) {
    this.#listener = listener;
    this.addr = listener.addr as Deno.NetAddr | Deno.UnixAddr;
    this.#adopt = options.adopt;
    this.#onClosed = options.onClosed;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<HostConnection, void, undefined> {
    while (!this.#closed) {
      const conn = await this.#accept();
      if (conn) yield this.#adopt(conn);
    }
  }

  /** Closes the listener; what it accepted stays open. Idempotent. */
  // deno-lint-ignore require-await -- the contract is that of a host far away
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#listener.close();
    this.#onClosed();
  }

  /** The next connection; `undefined` if it was gone before it was accepted, or all is over. */
  async #accept(): Promise<Deno.Conn | undefined> {
    try {
      return await this.#listener.accept();
    } catch (error) {
      if (this.#closed || error instanceof Deno.errors.ConnectionAborted) return undefined;
      throw error;
    }
  }
}
