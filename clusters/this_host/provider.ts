import pLimit from "p-limit";
import {
  type ClusterContext,
  type CreateOptions,
  giveBack,
  type NodeOptions,
  type NodeRequest,
  type ProvidedNode,
  type Provider,
} from "../kit/mod.ts";
import { allOrNone } from "../concurrency/mod.ts";
import { LoopbackAddresses } from "./loopback_addresses.ts";
import { makeNodePlace, type NodePlace } from "./node_place.ts";
import { makeClusterFolder, removeClusterFolder } from "../run_folder/mod.ts";

/** What is particular to a backend: it makes a node of a place. */
export interface NodeMaker extends AsyncDisposable {
  open(place: NodePlace, options: { name: string; signal: AbortSignal }): Promise<ProvidedNode>;
}

/** Nodes that are started at a time: more would only wait for each other. */
const MAX_PARALLEL = 16;

/** A backend whose nodes share this host, at work for one cluster. */
export class ThisHostProvider implements Provider<NodeOptions> {
  readonly #context: ClusterContext;
  readonly #maker: NodeMaker;
  readonly #limit = pLimit(MAX_PARALLEL);
  readonly #folder: string;
  readonly #addresses = new LoopbackAddresses();
  readonly #nodes = new Set<ProvidedNode>();
  #disposal: Promise<void> | undefined;

  private constructor(context: ClusterContext, folder: string, maker: NodeMaker) {
    this.#context = context;
    this.#folder = folder;
    this.#maker = maker;
  }

  /** Makes the cluster's folder. Disposing the result disposes `maker`, last. */
  static async open(context: ClusterContext, maker: NodeMaker): Promise<ThisHostProvider> {
    return new ThisHostProvider(context, await makeClusterFolder(context), maker);
  }

  async create(
    requests: readonly NodeRequest[],
    { signal, onLaunched }: CreateOptions,
  ): Promise<ProvidedNode[]> {
    return await allOrNone(requests, {
      signals: [signal],
      make: async (request, signal) => {
        const node = await this.#limit(() => this.#createOne(request, signal));
        onLaunched?.();
        return node;
      },
      undo: (node) => node.destroy(),
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposal ??= this.#dispose();
  }

  async #createOne({ name }: NodeRequest, signal: AbortSignal): Promise<ProvidedNode> {
    signal.throwIfAborted();
    const place = await makeNodePlace({
      context: this.#context,
      clusterFolder: this.#folder,
      name,
      address: this.#addresses.next(),
    });
    try {
      const node = await this.#maker.open(place, { name, signal });
      this.#nodes.add(node);
      return node;
    } catch (error) {
      await place.remove();
      throw error;
    }
  }

  async #dispose(): Promise<void> {
    await giveBack(this.#nodes, [
      () => this.#maker[Symbol.asyncDispose](),
      () => removeClusterFolder(this.#folder),
    ]);
  }
}
