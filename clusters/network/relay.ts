import type { HostConnection, HostListener } from "../../agent/host/host.ts";
import { InFlight } from "../concurrency/mod.ts";
import type { NodeContext } from "../calls/mod.ts";
import { type Arriving, splice, type SpliceOptions, type Way } from "./splice.ts";

/** Where the connections of a relay lead to. */
export interface RelayOptions extends Pick<SpliceOptions, "onFailure"> {
  readonly context: NodeContext;
  /** The name of the target in events. */
  readonly target: string;
  /** Opens the other connection for one that was accepted. */
  readonly dial: (signal: AbortSignal) => Promise<HostConnection>;
  /**
   * Delays what is sent one way until its promise resolves; `signal` aborts when the connection has ended.
   * @default no delay
   */
  readonly before?: ((way: Way, signal: AbortSignal) => Promise<void> | undefined) | undefined;
  /** Makes something of what arrives, one for each connection and way. @default it is sent as it is */
  readonly through?: ((way: Way, arriving: Arriving, signal: AbortSignal) => Arriving) | undefined;
}

/** Joins each accepted connection with one that it opens to the target. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #closing = new AbortController();
  /** Aborts the connections that are open now. */
  #lasting = new AbortController();
  readonly #conversations = new InFlight();

  constructor(options: RelayOptions) {
    this.#options = options;
  }

  /** Aborts when the relay is closed. */
  get signal(): AbortSignal {
    return this.#closing.signal;
  }

  /** Takes the connections of a listener until the listener ends. Rejects if it ends with an error. */
  async serve(listener: HostListener): Promise<void> {
    for await (const connection of listener) {
      this.#conversations.track(this.#converse(connection)).catch(() => {});
    }
  }

  /** Resets every connection, now and from now on. */
  close(reason = "the forward was closed"): void {
    this.#closing.abort(new Deno.errors.Interrupted(reason));
    this.#lasting.abort(this.signal.reason);
  }

  /** Resets the connections that are open now. */
  reset(reason: string): void {
    this.#lasting.abort(new Deno.errors.Interrupted(reason));
    if (!this.signal.aborted) this.#lasting = new AbortController();
  }

  /** Waits until no connection is open any more. */
  async settled(): Promise<void> {
    await this.#conversations.settled();
  }

  /** Resets the connection if the target cannot be reached, so that its client sees that. */
  async #converse(comer: HostConnection): Promise<void> {
    const { context: { emit, name: node, nextId }, target, dial, onFailure, before, through } =
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
        through: through && ((way, arriving) => through(way, arriving, signal)),
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
