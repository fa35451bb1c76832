/** Bytes that were received and that nobody has taken yet, upon which no more are read. */
const MAX_UNREAD = 1024 * 1024;

/**
 * Keeps a connection from being read faster than what it brings is consumed. The sockets of the runtime's
 * `node:tls` go on reading while they are paused, so the reading is stopped beneath TLS.
 */
export class ReadGate {
  #unread = 0;
  #opening: PromiseWithResolvers<void> | undefined;

  /** So many bytes were received, and wait for somebody. */
  received(bytes: number): void {
    this.#unread += bytes;
  }

  /** So many of them were taken. */
  taken(bytes: number): void {
    this.#unread -= bytes;
    if (this.#unread <= MAX_UNREAD) this.open();
  }

  /** Lets who waits go on: nothing is to be kept back any more, or the connection is over. */
  open(): void {
    this.#opening?.resolve();
    this.#opening = undefined;
  }

  /** Resolves once more may be read. */
  async passed(): Promise<void> {
    if (this.#unread > MAX_UNREAD) await (this.#opening ??= Promise.withResolvers()).promise;
  }
}
