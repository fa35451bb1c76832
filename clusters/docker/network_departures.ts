import type { Engine } from "./engine/engine.ts";
import { type EngineEvent, FollowedEvents } from "./engine/followed_events.ts";

/** Tells when containers leave one of some networks: a test may have taken them out of it. */
export class NetworkDepartures implements AsyncDisposable {
  #followed: FollowedEvents | undefined;
  readonly #left = new Map<string, () => void>();

  private constructor() {}

  /** Resolves once the engine reports. */
  static async open(
    engine: Engine,
    networks: readonly string[],
    signal: AbortSignal,
  ): Promise<NetworkDepartures> {
    // Which network is looked at here: not every engine takes that for a filter.
    const filters = { type: ["network"], event: ["disconnect"] };
    const departures = new NetworkDepartures();
    const take = (event: EngineEvent) => {
      const { network, container } = departure(event);
      if (networks.includes(network)) departures.#left.get(container)?.();
    };
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

/** Docker names the network as the actor, and the container as an attribute; Podman the other way round. */
function departure({ Actor: { ID, Attributes } }: EngineEvent) {
  const { name = "", container = ID, network = name } = Attributes;
  return { network, container };
}
