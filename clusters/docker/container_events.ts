import type { Readable } from "node:stream";
import type { Engine } from "./engine/engine.ts";
import { jsonLines } from "./engine/json_lines.ts";

/** How a container ended, as far as the engine said. */
export interface ContainerEnd {
  readonly exitCode: number | undefined;
  /** Whether the kernel killed something in it for want of memory. */
  readonly outOfMemory: boolean;
}

interface EngineEvent {
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
}

interface Watched {
  outOfMemory: boolean;
  readonly died: PromiseWithResolvers<ContainerEnd>;
}

/** Milliseconds for which a kill may be the kernel's doing though it has not been said yet. */
const OUT_OF_MEMORY_GRACE = 300;

/** Exit code of what was killed. */
const KILLED = 128 + 9;

/**
 * Tells how the containers of a cluster end. One connection for all of them, opened before the first
 * is created, so that nothing is missed and nothing has to be asked of containers that are gone.
 */
export class ContainerEvents implements AsyncDisposable {
  #stream: Readable;
  #read: Promise<void>;
  #watched = new Map<string, Watched>();
  #graces = new Set<ReturnType<typeof setTimeout>>();

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
    return new ContainerEvents(
      await engine.stream({
        what: "follow the events of the engine",
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

  /** Resolves when the container ends the next time; never, when nobody says so. */
  died(id: string): Promise<ContainerEnd> {
    return this.#watch(id).died.promise;
  }

  /** Forgets a container. */
  forget(id: string): void {
    this.#watched.delete(id);
  }

  /** Stops following. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stream.destroy();
    for (const timer of this.#graces) clearTimeout(timer);
    await this.#read;
  }

  #watch(id: string): Watched {
    const watched = this.#watched.get(id) ??
      { outOfMemory: false, died: Promise.withResolvers<ContainerEnd>() };
    this.#watched.set(id, watched);
    return watched;
  }

  async #follow(): Promise<void> {
    try {
      for await (const event of jsonLines<EngineEvent>(this.#stream)) this.#take(event);
    } catch {
      // Whoever waits learns from the container's own connection that something is wrong.
    }
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
  #end(watched: Watched, code: number): void {
    const exitCode = Number.isNaN(code) ? undefined : code;
    const resolve = (): void =>
      watched.died.resolve({ exitCode, outOfMemory: watched.outOfMemory });
    if (code !== KILLED || watched.outOfMemory) return resolve();
    const timer = setTimeout(() => {
      this.#graces.delete(timer);
      resolve();
    }, OUT_OF_MEMORY_GRACE);
    this.#graces.add(timer);
  }
}
