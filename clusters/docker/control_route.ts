import { hostname } from "node:os";
import type { Emit } from "../events/mod.ts";
import type { ClusterContext } from "../kit/mod.ts";
import { makeClusterFolder, removeClusterFolder, socketFolder } from "../run_folder/mod.ts";
import type { Engine } from "./engine/engine.ts";
import { engineTraits } from "./engine/engine_traits.ts";

/** Why no container of an engine can reach a socket of this process, by the engine's address. */
const unreachable = new Map<string, string>();

/**
 * How the agents of a cluster are reached: through sockets of this process, where the engine's
 * containers can have them, or else over TLS. That they cannot is found out by trying, and remembered
 * for as long as this process runs.
 */
export class ControlRoute implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #emit: Emit;
  #folder: string | undefined;

  private constructor(engine: Engine, emit: Emit, folder: string | undefined) {
    this.#engine = engine;
    this.#emit = emit;
    this.#folder = folder;
  }

  /** Finds out what there is to try, and makes a folder for the sockets if they are worth it. */
  static async open(
    engine: Engine,
    cluster: Pick<ClusterContext, "clusterId" | "run" | "emit" | "signal">,
  ): Promise<ControlRoute> {
    const { emit, signal } = cluster;
    try {
      const reason = unreachable.get(engine.address) ?? await strangeness(engine, signal);
      if (reason !== undefined) throw new Error(reason);
      const folder = await makeClusterFolder(cluster);
      emit({ type: "control-route", by: "sockets" });
      return new ControlRoute(engine, emit, folder);
    } catch (error) {
      signal.throwIfAborted();
      emit({ type: "control-route", by: "tls", reason: (error as Error).message });
      return new ControlRoute(engine, emit, undefined);
    }
  }

  /** A folder for the sockets of one more agent, which does not exist yet; none if it is to be TLS. */
  socketFolder(): string | undefined {
    const isKnown = unreachable.has(this.#engine.address);
    return this.#folder === undefined || isKnown ? undefined : socketFolder(this.#folder);
  }

  /** The sockets could not be reached: from now on it is TLS, for all clusters on this engine. */
  giveUp(reason: string): void {
    if (unreachable.has(this.#engine.address)) return;
    unreachable.set(this.#engine.address, reason);
    this.#emit({ type: "control-route", by: "tls", reason });
  }

  /** Removes the folder. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const folder = this.#folder;
    if (folder === undefined) return;
    await removeClusterFolder(folder);
    this.#folder = undefined;
  }
}

/** Why containers of an engine cannot share a socket of this process; undefined if they may. */
async function strangeness(engine: Engine, signal: AbortSignal): Promise<string | undefined> {
  if (Deno.build.os !== "linux") return "containers run on another kernel than this program";
  if (engine.endpoint.kind !== "unix") return "the engine is reached over a network";
  const { Name } = await engineTraits(engine, signal);
  if (Name === hostname()) return undefined;
  return "the engine is not one of this machine, or this program is in a container";
}
