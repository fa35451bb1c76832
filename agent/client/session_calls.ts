import { unlessAborted } from "../unless_aborted.ts";
import type { StreamTransport } from "../wire/stream_transport.ts";
import { NO_OP_RECEIVER, type Transport } from "../wire/transport.ts";

/** Connections that an agent makes for a session, for callers that wait for one. */
export class SessionCalls implements Disposable {
  readonly #onReplacement: () => void;
  /** A connection that came when no caller waited. */
  #ready: StreamTransport | undefined;
  #waiting: PromiseWithResolvers<StreamTransport>[] = [];
  #arrival = Promise.withResolvers<void>();

  /**
   * `onReplacement` is called when a connection comes for which no caller waits: the agent has lost the
   * one before, which this side may not know yet.
   */
  constructor(onReplacement: () => void = () => {}) {
    this.#onReplacement = onReplacement;
  }

  /** Takes a connection on which the agent has proved itself. */
  take(transport: StreamTransport): void {
    this.#arrival.resolve();
    const waiter = this.#waiting.shift();
    if (waiter) return waiter.resolve(transport);
    this.#drop();
    this.#ready = transport;
    transport.receiver = { ...NO_OP_RECEIVER, closed: () => this.#forget(transport) };
    this.#onReplacement();
  }

  /** Resolves once the agent has called for the first time. */
  async arrival(signal: AbortSignal): Promise<void> {
    await unlessAborted(this.#arrival.promise, signal);
  }

  /** The next connection; rejects when `signal` aborts. */
  async next(signal: AbortSignal): Promise<Transport> {
    signal.throwIfAborted();
    const ready = this.#ready;
    this.#ready = undefined;
    if (ready) return ready;
    const waiter = Promise.withResolvers<StreamTransport>();
    this.#waiting.push(waiter);
    try {
      return await unlessAborted(waiter.promise, signal);
    } catch (error) {
      const isWaiting = this.#waiting.includes(waiter);
      this.#waiting = this.#waiting.filter((each) => each !== waiter);
      // It came in the very moment in which the wait was given up.
      if (!isWaiting) waiter.promise.then((transport) => this.take(transport));
      throw error;
    }
  }

  /** Closes a connection that no caller has taken. */
  [Symbol.dispose](): void {
    this.#drop();
  }

  #drop(): void {
    this.#ready?.terminate();
    this.#ready = undefined;
  }

  #forget(transport: StreamTransport): void {
    if (this.#ready === transport) this.#ready = undefined;
  }
}
