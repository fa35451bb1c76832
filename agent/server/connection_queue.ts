import { errorOf } from "../host/described_error.ts";
import type { HostConnection, HostListener } from "../host/host.ts";

/** Hands the connections of a listener to callers, several of which may wait at a time, and may give up. */
export class ConnectionQueue implements AsyncDisposable {
  #listener: HostListener;
  #connections: AsyncIterator<HostConnection>;
  #waiting: Set<PromiseWithResolvers<HostConnection>> = new Set();
  /** A connection that came when its caller had given up. */
  #left: HostConnection | undefined;
  #taking = false;
  #error: Error | undefined;

  constructor(listener: HostListener) {
    this.#listener = listener;
    this.#connections = listener[Symbol.asyncIterator]();
  }

  /** The next connection that no caller has got before; rejects when `signal` aborts. */
  async next(signal: AbortSignal): Promise<HostConnection> {
    signal.throwIfAborted();
    if (this.#error) throw this.#error;
    const waiter = Promise.withResolvers<HostConnection>();
    const abort = () => {
      this.#waiting.delete(waiter);
      waiter.reject(signal.reason);
    };
    signal.addEventListener("abort", abort, { once: true });
    this.#waiting.add(waiter);
    this.#take();
    return await waiter.promise.finally(() => signal.removeEventListener("abort", abort));
  }

  /** Closes the listener; callers that wait are rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#fail(new Deno.errors.Interrupted("The listener was closed"));
    await this.#listener[Symbol.asyncDispose]();
    await this.#left?.[Symbol.asyncDispose]();
  }

  /** Takes connections for as long as callers wait. */
  async #take(): Promise<void> {
    if (this.#taking) return;
    this.#taking = true;
    try {
      while (this.#waiting.size > 0 && await this.#fetch()) this.#handOver();
    } catch (error) {
      this.#fail(errorOf(error));
    } finally {
      this.#taking = false;
    }
  }

  /** Makes sure that there is a connection to hand over; false if none can come any more. */
  async #fetch(): Promise<boolean> {
    if (this.#left) return true;
    const { done, value } = await this.#connections.next();
    if (done) {
      this.#fail(new Deno.errors.Interrupted("The listener was closed"));
      return false;
    }
    this.#left = value;
    if (this.#error) await value[Symbol.asyncDispose]();
    return !this.#error;
  }

  #handOver(): void {
    const [first] = this.#waiting;
    if (!first || !this.#left) return;
    this.#waiting.delete(first);
    first.resolve(this.#left);
    this.#left = undefined;
  }

  #fail(error: Error): void {
    this.#error ??= error;
    for (const waiter of this.#waiting) waiter.reject(this.#error);
    this.#waiting.clear();
  }
}
