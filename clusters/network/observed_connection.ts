import type { HostConnection } from "../../agent/host/host.ts";

/** A connection that calls back, once, when its user has closed or reset it. */
export class ObservedConnection implements HostConnection {
  readonly localAddr: HostConnection["localAddr"];
  readonly remoteAddr: HostConnection["remoteAddr"];
  readonly readable: HostConnection["readable"];
  readonly writable: HostConnection["writable"];
  readonly closed: HostConnection["closed"];
  readonly #connection: HostConnection;
  #onDone: ((error?: unknown) => void) | undefined;

  /** `onDone` is called with the reason of a reset, or with nothing. */
  constructor(connection: HostConnection, onDone: (error?: unknown) => void) {
    this.#connection = connection;
    this.#onDone = onDone;
    this.localAddr = connection.localAddr;
    this.remoteAddr = connection.remoteAddr;
    this.readable = connection.readable;
    this.writable = connection.writable;
    this.closed = connection.closed;
  }

  /** As the interface says. */
  async reset(reason: unknown): Promise<void> {
    this.#done(reason);
    await this.#connection.reset(reason);
  }

  /** Closes the connection. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#done();
    await this.#connection[Symbol.asyncDispose]();
  }

  #done(error?: unknown): void {
    this.#onDone?.(error);
    this.#onDone = undefined;
  }
}
