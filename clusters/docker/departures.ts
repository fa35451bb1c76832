import type { Engine } from "./engine/engine.ts";
import { type EngineEvent, FollowedEvents } from "./engine/followed_events.ts";

/** Tells when containers leave one of some networks: a test may have taken them out of it. */
export class Departures implements AsyncDisposable {
  #followed: FollowedEvents | undefined;
  readonly #left = new Map<string, () => void>();

  private constructor() {}

  /** Resolves once the engine reports. */
  static async open(
    engine: Engine,
    networks: readonly string[],
    signal: AbortSignal,
  ): Promise<Departures> {
    const filters = { type: ["network"], event: ["disconnect"], network: networks };
    const departures = new Departures();
    const take = ({ Actor }: EngineEvent) =>
      departures.#left.get(Actor.Attributes.container ?? "")?.();
    departures.#followed = await FollowedEvents.open(engine, { filters, signal }, take);
    return departures;
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
    await this.#followed?.[Symbol.asyncDispose]();
  }
}
