import { unlessAborted } from "../concurrency/mod.ts";
import type { KubeApi } from "./api/mod.ts";
import { selectorOf } from "./labels.ts";
import type { Pod } from "./pod.ts";

/** What is known of a pod: how it is, or that it is gone. */
export type PodView = Pod | "gone" | undefined;

/** The pods of one cluster, as they change: one watch for all of them. */
export class PodWatch implements AsyncDisposable {
  readonly #pods = new Map<string, Pod | "gone">();
  readonly #end = new AbortController();
  readonly #following: Promise<void>;
  readonly #listeners = new Map<string, Set<(pod: PodView) => void>>();
  /** Why there is no watch any more. */
  #failure: unknown;

  private constructor(api: KubeApi, clusterId: string) {
    this.#following = this.#follow(api, clusterId);
  }

  /** Begins to watch. What cannot be watched is said by the first wait. */
  static open(api: KubeApi, clusterId: string): PodWatch {
    return new PodWatch(api, clusterId);
  }

  /** How the pod was when it was last heard of; `undefined` before that. */
  look(name: string): PodView {
    return this.#pods.get(name);
  }

  /**
   * Waits until `found` finds something in what is known of the pod, and resolves to that. Rejects with
   * what `found` throws, or when `signal` aborts.
   */
  async until<T>(
    name: string,
    found: (pod: PodView) => T | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = (pod: PodView) => {
      try {
        if (this.#failure !== undefined) throw this.#failure;
        const result = found(pod);
        if (result !== undefined) resolve(result);
      } catch (error) {
        reject(error);
      }
    };
    const listeners = this.#listeners.getOrInsertComputed(name, () => new Set());
    listeners.add(look);
    try {
      look(this.look(name));
      return await unlessAborted(promise, signal);
    } finally {
      listeners.delete(look);
      if (listeners.size === 0) this.#listeners.delete(name);
    }
  }

  /** Resolves once the pod is known to be gone. */
  async gone(name: string, signal: AbortSignal): Promise<void> {
    await this.until(name, (pod) => pod === "gone" || undefined, signal);
  }

  /** The pod was found not to be there. */
  forget(name: string): void {
    this.#tell(name, "gone");
  }

  /** Watches no more. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end.abort(new Deno.errors.Interrupted("Cannot watch pods: the cluster was given back"));
    await this.#following;
  }

  async #follow(api: KubeApi, clusterId: string): Promise<void> {
    const { signal } = this.#end;
    const labelSelector = selectorOf(clusterId);
    try {
      for await (const { type, object } of api.watch<Pod>("pods", { labelSelector, signal })) {
        this.#tell(object.metadata.name, type === "DELETED" ? "gone" : object);
      }
      signal.throwIfAborted();
    } catch (error) {
      this.#failure = error;
      for (const name of this.#listeners.keys()) this.#notify(name);
    }
  }

  #tell(name: string, pod: Pod | "gone"): void {
    this.#pods.set(name, pod);
    this.#notify(name);
  }

  #notify(name: string): void {
    for (const listener of this.#listeners.get(name) ?? []) listener(this.look(name));
  }
}
