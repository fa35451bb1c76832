import type { HostConnection, HostListener } from "../../agent/host/host.ts";
import { InFlight } from "../concurrency/mod.ts";
import type { NodeContext } from "../calls/mod.ts";
import { splice, type SpliceOptions, type Way } from "./splice.ts";

/** Where connections lead to, and how. */
export interface RelayOptions extends Pick<SpliceOptions, "onFailure"> {
  readonly context: NodeContext;
  /** As events name it. */
  readonly target: string;
  /** Opens the connection with which one that has come is joined. */
  readonly dial: (signal: AbortSignal) => Promise<HostConnection>;
  /**
   * Waited for, if it gives a promise, before something goes this way; `signal` aborts when that is of no
   * use any more. @default nothing is
   */
  readonly before?: ((way: Way, signal: AbortSignal) => Promise<void> | undefined) | undefined;
}

/** Joins each connection that comes with one that it opens elsewhere. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #closing = new AbortController();
  /** Of the connections that there are now. */
  #lasting = new AbortController();
  readonly #conversations = new InFlight();

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Aborts when the relay is closed. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Takes the connections of a listener, until that ends. Rejects with what it has ended with. */
  async serve(listener: HostListener): Promise<void> {
    for await (const connection of listener) {
      this.#conversations.track(this.#converse(connection)).catch(() => {});
    }
  }

  /** Resets every connection, and those that still come. */
  close(reason = "the forward was closed"): void {
    this.#closing.abort(new Deno.errors.Interrupted(reason));
    this.#lasting.abort(this.signal.reason);
  }

  /** Resets every connection that there is now. */
  reset(reason: string): void {
    this.#lasting.abort(new Deno.errors.Interrupted(reason));
    if (!this.signal.aborted) this.#lasting = new AbortController();
  }

  /** Waits until no connection is open any more. */
  async settled(): Promise<void> {
    await this.#conversations.settled();
  }

  /** A connection that leads nowhere is reset: who has made it sees that nobody has answered. */
  async #converse(comer: HostConnection): Promise<void> {
    const { context: { emit, name: node, nextId }, target, dial, onFailure, before } =
      this.#options;
    const { signal } = this.#lasting;
    const about = { node, tunnel: `tunnel${nextId()}` };
    const ends = [comer];
    const reset = () => ends.forEach((end) => void end.reset(signal.reason));
    signal.addEventListener("abort", reset, { once: true });
    emit({ type: "tunnel-opened", ...about, target });
    try {
      signal.throwIfAborted();
      const dialled = await dial(signal);
      ends.push(dialled);
      await splice(comer, dialled, {
        onFailure: onFailure ??
          (before && (async (_, way) => await before(way, signal)?.catch(() => {}))),
        before: before && ((way) => before(way, signal)),
      });
      signal.throwIfAborted();
      emit({ type: "tunnel-closed", ...about });
    } catch (error) {
      await comer.reset(error);
      emit({ type: "tunnel-closed", ...about, error: String(error) });
    } finally {
      signal.removeEventListener("abort", reset);
    }
  }
}
