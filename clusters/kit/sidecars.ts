import { InFlight, throwFailures } from "../concurrency/mod.ts";
import type { Sidecar } from "./provided_node.ts";

/** The sidecars of one node: they go with it, also those that are just being launched. */
export class Sidecars implements AsyncDisposable {
  readonly #all = new Set<Sidecar>();
  readonly #launching = new InFlight();
  readonly #end = new AbortController();

  /** Launches one by `launch`, which is aborted when the node goes. Rejects with what that throws. */
  async launch(
    launch: (signal: AbortSignal) => Promise<Sidecar>,
    signal: AbortSignal,
  ): Promise<Sidecar> {
    const until = AbortSignal.any([signal, this.#end.signal]);
    until.throwIfAborted();
    const sidecar = await this.#launching.track(this.#launch(launch, until));
    return {
      host: sidecar.host,
      lost: sidecar.lost,
      [Symbol.asyncDispose]: () => this.#dispose(sidecar),
    };
  }

  /** Removes all of them, and lets none be launched any more. What fails is tried again by the next call. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Deno.errors.Interrupted("Cannot launch a sidecar: its node is to end"));
    await this.#launching.settled();
    const all = [...this.#all];
    throwFailures(await Promise.allSettled(all.map((sidecar) => this.#dispose(sidecar))));
  }

  async #launch(
    launch: (signal: AbortSignal) => Promise<Sidecar>,
    signal: AbortSignal,
  ): Promise<Sidecar> {
    const sidecar = await launch(signal);
    this.#all.add(sidecar);
    return sidecar;
  }

  async #dispose(sidecar: Sidecar): Promise<void> {
    await sidecar[Symbol.asyncDispose]();
    this.#all.delete(sidecar);
  }
}
