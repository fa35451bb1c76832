import { SharedWork } from "../concurrency/mod.ts";
import {
  type AgentNode,
  type ClusterContext,
  createFleet,
  type CreateOptions,
  type NodeRequest,
  type Provider,
  ProviderNodes,
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
import { LaunchSecrets } from "./launch_secrets.ts";
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
  readonly #nodes: ProviderNodes<AgentNode<PodResource>>;
  readonly #names = new HostNames();
  /** How often each name of a pod was taken. */
  readonly #uses = new Map<string, number>();
  readonly #sweeping: Promise<unknown>;

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
    this.#nodes = new ProviderNodes(options.cluster.signal);
    // What dead runs left. What cannot be removed now is found again the next time.
    const { signal } = options.cluster;
    this.#sweeping = sweepNamespace(context.api, { signal }).catch(() => {});
  }

  async create(
    requests: readonly NodeRequest<KubernetesNodeOptions>[],
    { signal, onLaunched }: CreateOptions,
  ): Promise<AgentNode<PodResource>[]> {
    const isAlone = requests.length === 1;
    const plans = requests.map(({ name, options }): NodePlan => ({
      name,
      podName: this.#podName(name),
      options: mergeOptions(this.#options.defaults, options),
      isAlone,
    }));
    return await this.#nodes.obtain(plans, {
      ...{ signal, onLaunched },
      make: (plan, signal) => launchNode(this.#context, plan, signal),
      onObtained: (all) => this.#names.tell(all),
    });
  }

  /** Tries everything, then throws what failed. */
  [Symbol.asyncDispose](): Promise<void> {
    const { api, fleet, watch, clusterId, names, owner, supply } = this.#context;
    return this.#nodes.giveBack({
      settle: () => Promise.all([supply.settled(), this.#sweeping]),
      steps: [
        () => fleet[Symbol.asyncDispose](),
        () => watch[Symbol.asyncDispose](),
        () => removeCluster(api, clusterId),
        () => names.remove(),
        () => owner.remove(),
      ],
      close: () => api[Symbol.dispose](),
    });
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
    secrets: new LaunchSecrets(api, { run, clusterId, owner, maxLife }),
    owner,
    names: new NameService(api, { run, clusterId, owner, emit, maxLife }),
    lease,
    maxLife,
  };
}
