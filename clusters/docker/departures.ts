import type { Readable } from "node:stream";
import type { Engine } from "./engine/engine.ts";
import { jsonLines } from "./engine/json_lines.ts";

interface EngineEvent {
  readonly Actor: { readonly Attributes: Readonly<Record<string, string>> };
}

/** Tells when containers leave one of some networks: a test may have taken them out of it. */
export class Departures implements AsyncDisposable {
  readonly #stream: Readable;
  readonly #left = new Map<string, () => void>();
  readonly #read: Promise<void>;

  /** Resolves once the engine reports. */
  static async open(
    engine: Engine,
    networks: readonly string[],
    signal: AbortSignal,
  ): Promise<Departures> {
    const filters = { type: ["network"], event: ["disconnect"], network: networks };
    return new Departures(
      await engine.stream({
        what: "follow the events of networks",
        method: "GET",
        path: "/events",
        query: { filters: JSON.stringify(filters) },
        signal,
      }),
    );
  }

  private constructor(stream: Readable) {
    this.#stream = stream;
    this.#read = this.#follow();
  }

  /** Calls `callback` whenever the container has left: also when it has ended. */
  watch(id: string, callback: () => void): void {
    this.#left.set(id, callback);
  }

  /** Forgets a container. */
  forget(id: string): void {
    this.#left.delete(id);
  }

  /** Stops following. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.destroy();
    await this.#read;
  }

  async #follow(): Promise<void> {
    try {
      for await (const { Actor } of jsonLines<EngineEvent>(this.#stream)) {
        this.#left.get(Actor.Attributes.container ?? "")?.();
      }
    } catch {
      // An agent that cannot be reached any more is noticed by its own connection.
    }
  }
}
