import { startBackgroundTimer } from "../../agent/background_timer.ts";
import type { ContainerEnd } from "../kit/mod.ts";
import type { Engine } from "./engine/engine.ts";
import { type EngineEvent, FollowedEvents } from "./engine/followed_events.ts";

interface WatchedContainer {
  outOfMemory: boolean;
  readonly died: PromiseWithResolvers<ContainerEnd>;
}

/**
 * Milliseconds for which a kill may be the kernel's doing though it has not been said yet. They pass in
 * turns, since what has come already waits while this thread stands still.
 */
const OUT_OF_MEMORY_GRACE = { turn: 100, turns: 3 };

/** Exit code of what was killed. */
const KILLED = 128 + 9;

/**
 * How the containers of a cluster end. One connection for all of them, opened before the first
 * is created, so that nothing is missed and nothing has to be asked of containers that are gone.
 */
export class ContainerEvents implements AsyncDisposable {
  #followed: FollowedEvents | undefined;
  #watched = new Map<string, WatchedContainer>();
  #graces = new Set<Disposable>();

  private constructor() {}

  /** Resolves once the engine reports. */
  static async open(
    engine: Engine,
    clusterId: string,
    signal: AbortSignal,
  ): Promise<ContainerEvents> {
    const filters = {
      type: ["container"],
      event: ["die", "oom"],
      label: [`clustertest.cluster=${clusterId}`],
    };
    const events = new ContainerEvents();
    const take = (event: EngineEvent) => events.#take(event);
    events.#followed = await FollowedEvents.open(engine, { filters, signal }, take);
    return events;
  }

  /** Resolves when the engine reports that the container has ended, the next time. */
  died(id: string): Promise<ContainerEnd> {
    return this.#watch(id).died.promise;
  }

  /** Forgets a container. */
  forget(id: string): void {
    this.#watched.delete(id);
  }

  /** Stops following. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#followed?.[Symbol.asyncDispose]();
    for (const timer of this.#graces) timer[Symbol.dispose]();
  }

  #watch(id: string): WatchedContainer {
    const watched = this.#watched.get(id) ??
      { outOfMemory: false, died: Promise.withResolvers<ContainerEnd>() };
    this.#watched.set(id, watched);
    return watched;
  }

  #take({ Action, Actor }: EngineEvent): void {
    const watched = this.#watch(Actor.ID);
    if (Action === "oom") {
      watched.outOfMemory = true;
    } else if (Action === "die") {
      this.#watched.delete(Actor.ID);
      this.#end(watched, Number(Actor.Attributes.exitCode ?? NaN));
    }
  }

  /** The two events of a container that ran out of memory may come in either order. */
  #end(watched: WatchedContainer, code: number): void {
    const exitCode = Number.isNaN(code) ? undefined : code;
    const resolve = (): void =>
      watched.died.resolve({ exitCode, outOfMemory: watched.outOfMemory });
    if (code !== KILLED || watched.outOfMemory) return resolve();
    const { turn, turns } = OUT_OF_MEMORY_GRACE;
    const waitFor = (left: number): void => {
      if (left === 0 || watched.outOfMemory) return resolve();
      const timer = startBackgroundTimer(turn, () => {
        this.#graces.delete(timer);
        waitFor(left - 1);
      });
      this.#graces.add(timer);
    };
    waitFor(turns);
  }
}
