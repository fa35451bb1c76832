import {
  type AgentNode,
  type ClusterContext,
  createFleet,
  type CreateOptions,
  type NodeRequest,
  type Provider,
  ProviderNodes,
} from "../kit/mod.ts";
import { ControlRoute } from "./control_route.ts";
import { createNetwork } from "./cluster_network.ts";
import { ContainerEvents } from "./container_events.ts";
import { findControlNetwork } from "./control_network.ts";
import type { Engine } from "./engine/engine.ts";
import { checkEngineKernel } from "./engine_kernel.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { launchNode } from "./launch_node.ts";
import { mergeOptions } from "./merge_options.ts";
import type { ContainerOptions, DockerNodeOptions } from "./docker_options.ts";
import { Provisions } from "./provisions.ts";
import { removeCluster, sweepEngine } from "./sweep.ts";

/** What a provider is made with. */
export interface DockerProviderOptions {
  readonly cluster: ClusterContext;
  /** What nodes are unless they say otherwise. */
  readonly defaults: DockerNodeOptions;
  /** The Docker command line's folder. */
  readonly configDir: string;
}

/** The containers of one cluster, and its network. */
export class DockerProvider implements Provider<DockerNodeOptions> {
  #engine: Engine;
  #options: DockerProviderOptions;
  #launching: LaunchContext;
  #provisions: Provisions;
  readonly #nodes: ProviderNodes<AgentNode>;
  #sweeping: Promise<unknown>;

  /** Takes over `engine`, and closes it if this fails. */
  static async open(engine: Engine, options: DockerProviderOptions): Promise<DockerProvider> {
    await using stack = new AsyncDisposableStack();
    stack.use(engine);
    const launching = await prepare(engine, options.cluster, stack);
    stack.move();
    return new DockerProvider(engine, options, launching);
  }

  private constructor(engine: Engine, options: DockerProviderOptions, launching: LaunchContext) {
    this.#engine = engine;
    this.#options = options;
    this.#launching = launching;
    this.#provisions = new Provisions(engine, options);
    this.#nodes = new ProviderNodes(options.cluster.signal);
    // What dead runs left. What cannot be removed now is found again the next time.
    this.#sweeping = sweepEngine(engine, { signal: options.cluster.signal }).catch(() => {});
  }

  async create(
    requests: readonly NodeRequest<DockerNodeOptions>[],
    { signal, onLaunched }: CreateOptions,
  ): Promise<AgentNode[]> {
    const merged = requests.map(({ name, options }) =>
      [name, mergeOptions(this.#options.defaults, options)] as const
    );
    const { needs } = this.#options.cluster;
    return await this.#nodes.obtain(merged, {
      ...{ signal, onLaunched },
      make: async ([name, options], signal) => {
        const plan = await this.#plan(name, options, signal);
        await checkEngineKernel(this.#launching, { needs, plan }, signal);
        return await launchNode(this.#launching, plan, signal);
      },
    });
  }

  /** Tries everything, then throws what failed. */
  [Symbol.asyncDispose](): Promise<void> {
    const { fleet, events, route } = this.#launching;
    return this.#nodes.giveBack({
      settle: () => Promise.all([this.#provisions.settled(), this.#sweeping]),
      steps: [
        () => fleet[Symbol.asyncDispose](),
        () => events[Symbol.asyncDispose](),
        () => route[Symbol.asyncDispose](),
        () => removeCluster(this.#engine, this.#options.cluster.clusterId),
      ],
      close: () => this.#engine[Symbol.asyncDispose](),
    });
  }

  async #plan(name: string, options: ContainerOptions, signal: AbortSignal): Promise<NodePlan> {
    const provision = await this.#provisions.provide(options, signal);
    const containerName = `clustertest-${this.#options.cluster.clusterId}-${name}`;
    return { name, containerName, options, ...provision };
  }
}

/** What every node of the cluster needs; undone by `stack` should the rest fail. */
async function prepare(
  engine: Engine,
  cluster: ClusterContext,
  stack: AsyncDisposableStack,
): Promise<LaunchContext> {
  const { run, clusterId, heartbeat, signal } = cluster;
  stack.defer(() => removeCluster(engine, clusterId));
  const fleet = stack.use(await createFleet(cluster));
  const events = stack.use(await ContainerEvents.open(engine, clusterId, signal));
  const opening = ControlRoute.open(engine, cluster);
  stack.defer(() => opening.then((route) => route[Symbol.asyncDispose](), () => {}));
  const creation = createNetwork(engine, { run, clusterId }, signal);
  // Whatever fails meanwhile: what is given back then includes the network.
  stack.defer(() => creation.then(() => {}, () => {}));
  const [network, route] = await Promise.all([creation, opening]);
  const control = once(() => findControlNetwork(engine, signal));
  const lease = heartbeat.timeout;
  return { engine, fleet, events, route, run, clusterId, network, control, lease };
}

/** Work that is done for its first caller, and again for a later one only if it has failed. */
function once<T>(work: () => Promise<T>): () => Promise<T> {
  let doing: Promise<T> | undefined;
  return () => {
    doing ??= work();
    doing.catch(() => doing = undefined);
    return doing;
  };
}
