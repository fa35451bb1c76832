import { allOrNone, InFlight, SharedWork } from "../concurrency/mod.ts";
import {
  type AgentNode,
  type ClusterContext,
  createFleet,
  type CreateOptions,
  giveBack,
  type NodeRequest,
  type Provider,
} from "../kit/mod.ts";
import { ONLY_IF_NEEDED } from "./abilities.ts";
import { AgentRoutes, type ReachedBy } from "./agent_routes.ts";
import { AgentSupply } from "./agent_supply.ts";
import type { KubeApi } from "./api/mod.ts";
import { ClusterOwner } from "./cluster_owner.ts";
import { HostNames } from "./host_names.ts";
import type { KubernetesNodeOptions } from "./kubernetes_options.ts";
import type { LaunchContext, NodePlan } from "./launch_context.ts";
import { launchNode } from "./launch_node.ts";
import { mergeOptions } from "./merge_options.ts";
import { NameService } from "./name_service.ts";
import { PodRemover } from "./pod_remover.ts";
import type { PodResource } from "./pod_resource.ts";
import { PodWatch } from "./pod_watch.ts";
import { removeCluster, sweepNamespace } from "./sweep.ts";

/** What a provider is made with. */
export interface KubernetesProviderOptions {
  readonly cluster: ClusterContext;
  /** What nodes are unless they say otherwise. */
  readonly defaults: KubernetesNodeOptions;
  /** How agents are reached, if that was said. */
  readonly reachedBy: ReachedBy | undefined;
  /** Milliseconds after which the cluster ends pods by itself. */
  readonly maxLife: number;
}

/** The pods of one cluster. */
export class KubernetesProvider implements Provider<KubernetesNodeOptions> {
  readonly #options: KubernetesProviderOptions;
  readonly #context: LaunchContext;
  readonly #nodes = new Set<AgentNode<PodResource>>();
  readonly #names = new HostNames();
  /** How often each name of a pod was taken. */
  readonly #uses = new Map<string, number>();
  readonly #creating = new InFlight();
  readonly #sweeping: Promise<unknown>;
  #disposed: Promise<void> | undefined;

  /** Takes over `api`, and closes it if this fails. */
  static async open(
    api: KubeApi,
    options: KubernetesProviderOptions,
  ): Promise<KubernetesProvider> {
    using stack = new DisposableStack();
    stack.use(api);
    const context = await prepare(api, options);
    stack.move();
    return new KubernetesProvider(context, options);
  }

  private constructor(context: LaunchContext, options: KubernetesProviderOptions) {
    this.#context = context;
    this.#options = options;
    // What dead runs left. What cannot be removed now is found again the next time.
    const { signal } = options.cluster;
    this.#sweeping = sweepNamespace(context.api, { signal }).catch(() => {});
  }

  create(
    requests: readonly NodeRequest<KubernetesNodeOptions>[],
    options: CreateOptions,
  ): Promise<AgentNode<PodResource>[]> {
    return this.#creating.track(this.#create(requests, options));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#disposed ??= this.#dispose();
  }

  async #create(
    requests: readonly NodeRequest<KubernetesNodeOptions>[],
    { signal, onLaunched }: CreateOptions,
  ): Promise<AgentNode<PodResource>[]> {
    const isAlone = requests.length === 1;
    const plans = requests.map(({ name, options }) => ({
      name,
      podName: this.#podName(name),
      options: mergeOptions(this.#options.defaults, options),
      isAlone,
    }));
    const nodes = await allOrNone<NodePlan, AgentNode<PodResource>>(plans, {
      signals: [signal, this.#options.cluster.signal],
      make: async (plan, signal) => {
        const node = await launchNode(this.#context, plan, signal);
        onLaunched?.();
        return node;
      },
      undo: (node) => node.destroy(),
    });
    for (const node of nodes) this.#nodes.add(node);
    await this.#names.tell([...this.#nodes]);
    return nodes;
  }

  /**
   * Unique for each launch: a name may be used again once its node is gone, of which another part of the
   * cluster may not know yet. Names of objects have no capital letters, either.
   */
  #podName(node: string): string {
    const name = `clustertest-${this.#context.clusterId}-${node}`.toLowerCase();
    const uses = this.#uses.get(name) ?? 0;
    this.#uses.set(name, uses + 1);
    return uses === 0 ? name : `${name}.${uses}`;
  }

  /** Tries everything, then throws what failed. */
  async #dispose(): Promise<void> {
    await this.#creating.settled();
    await Promise.all([this.#context.supply.settled(), this.#sweeping]);
    const { api, fleet, watch, clusterId, names, owner } = this.#context;
    try {
      await giveBack(this.#nodes, [
        () => fleet[Symbol.asyncDispose](),
        () => watch[Symbol.asyncDispose](),
        () => removeCluster(api, clusterId),
        () => names.remove(),
        () => owner.remove(),
      ]);
    } finally {
      api[Symbol.dispose]();
    }
  }
}

/** What every node of the cluster needs. */
async function prepare(
  api: KubeApi,
  { cluster, defaults, reachedBy, maxLife }: KubernetesProviderOptions,
): Promise<LaunchContext> {
  const { run, clusterId, heartbeat, emit } = cluster;
  const fleet = await createFleet(cluster);
  const watch = PodWatch.open(api, clusterId);
  const lease = heartbeat.timeout;
  const { helperImage } = defaults;
  const owner = new ClusterOwner(api, { run, clusterId, fleet, emit, lease, helperImage });
  return {
    run,
    clusterId,
    api,
    fleet,
    watch,
    supply: new AgentSupply(api, cluster),
    routes: new AgentRoutes(api, { by: reachedBy, emit }),
    remover: new PodRemover(api, { clusterId, watch }),
    sidecarNeeds: cluster.needs.filter((each) => ONLY_IF_NEEDED.includes(each)),
    kernels: new SharedWork(),
    owner,
    names: new NameService(api, { run, clusterId, owner, emit, maxLife }),
    lease,
    maxLife,
  };
}
