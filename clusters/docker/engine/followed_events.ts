import type { Readable } from "node:stream";
import type { Engine } from "./engine.ts";
import { jsonLines } from "./json_lines.ts";

/** An event of an engine, as it reports it. */
export interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

/** Which events of an engine are followed. */
export interface FollowEventsOptions {
  /** As `docker events --filter` has them. */
  readonly filters: Readonly<Record<string, readonly string[]>>;
  readonly signal: AbortSignal;
}

/** Events of an engine, over one connection. */
export class FollowedEvents implements AsyncDisposable {
  readonly #stream: Readable;
  readonly #read: Promise<void>;

  /** Resolves once the engine reports; `take` is called for each event. */
  static async open(
    engine: Engine,
    { filters, signal }: FollowEventsOptions,
    take: (event: EngineEvent) => void,
  ): Promise<FollowedEvents> {
    const stream = await engine.stream({
      what: "follow the events of the engine",
      method: "GET",
      path: "/events",
      query: { filters: JSON.stringify(filters) },
      signal,
    });
    return new FollowedEvents(stream, take);
  }

  private constructor(stream: Readable, take: (event: EngineEvent) => void) {
    this.#stream = stream;
    this.#read = this.#follow(take);
  }

  /** Stops following. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.destroy();
    await this.#read;
  }

  async #follow(take: (event: EngineEvent) => void): Promise<void> {
    try {
      for await (const event of jsonLines<EngineEvent>(this.#stream)) take(event);
    } catch {
      // Callers that wait learn from the container's own connection, and its agent's, that something is
      // wrong.
    }
  }
}
