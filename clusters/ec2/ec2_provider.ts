import {
  type ClusterContext,
  createFleet,
  type CreateOptions,
  type NodeRequest,
  type Provider,
  ProviderNodes,
} from "../kit/mod.ts";
import { Aws, findStack, hourlyPrice } from "../aws/mod.ts";
import { Bill } from "../machines/mod.ts";
import { pollEnds, pollStarts } from "./instance_polls.ts";
import type { Ec2Node } from "./instance_resource.ts";
import type { Ec2NodeOptions, Ec2Settings } from "./ec2_options.ts";
import type { LaunchContext } from "./launch_context.ts";
import { launchNodes } from "./launch_nodes.ts";
import { groupRequests } from "./node_groups.ts";
import { Provisions } from "./provisions.ts";
import { awaitTermination, removeCluster } from "./remove_cluster.ts";
import { Terminator } from "./terminator.ts";

/** The instances of one cluster. */
export class Ec2Provider implements Provider<Ec2NodeOptions> {
  readonly #settings: Ec2Settings;
  readonly #context: LaunchContext;
  readonly #provisions: Provisions;
  readonly #nodes: ProviderNodes<Ec2Node>;
  /** Nodes that are about to be. */
  #reserved = 0;
  /** Whether there may be anything on EC2. */
  #hasLaunched = false;

  /** Finds what nodes need; throws a `BackendUnusableError` when it is not there. */
  static async open(settings: Ec2Settings, cluster: ClusterContext): Promise<Ec2Provider> {
    await using stack = new AsyncDisposableStack();
    const context = await prepare(settings, cluster, stack);
    stack.move();
    return new Ec2Provider(settings, cluster, context);
  }

  private constructor(settings: Ec2Settings, cluster: ClusterContext, context: LaunchContext) {
    this.#settings = settings;
    this.#nodes = new ProviderNodes(cluster.signal);
    this.#context = context;
    this.#provisions = new Provisions(context.aws, { stack: context.stack, cluster });
  }

  async create(
    requests: readonly NodeRequest<Ec2NodeOptions>[],
    { signal, onLaunched }: CreateOptions,
  ): Promise<Ec2Node[]> {
    const groups = groupRequests(this.#settings.defaults, requests);
    using reservation = this.#reserve(requests.length);
    const nodes = await this.#nodes.obtainGroups(groups, {
      signal,
      make: async ({ names, options }, signal) => {
        const provision = await this.#provisions.provide(options, signal);
        this.#hasLaunched = true;
        const group = { names, options, provision };
        return await launchNodes(this.#context, group, { signal, onLaunched });
      },
      // From here on they are counted among the nodes that there are.
      onObtained: () => Promise.resolve(reservation.dispose()),
    });
    const byName = new Map(nodes.map((node) => [node.resource.name, node]));
    return requests.map(({ name }) => byName.get(name)!);
  }

  /** Tries everything, then throws what failed. */
  [Symbol.asyncDispose](): Promise<void> {
    const { aws, fleet, starts, ends, bill, clusterId } = this.#context;
    return this.#nodes.giveBack({
      settle: () => this.#provisions.settled(),
      steps: [
        () => fleet[Symbol.asyncDispose](),
        () => starts[Symbol.asyncDispose](),
        () => ends[Symbol.asyncDispose](),
        () => this.#hasLaunched && removeCluster(aws, clusterId),
        () => this.#settings.waitForTermination && awaitTermination(aws, clusterId),
      ],
      close: () => {
        bill.close();
        aws[Symbol.dispose]();
      },
    });
  }

  /** A guard against a slip that costs. */
  #reserve(count: number): DisposableStack {
    const { maxNodes } = this.#context.limits;
    const living = this.#nodes.all.filter(({ isOver }) => !isOver).length + this.#reserved;
    if (living + count > maxNodes) {
      throw new RangeError(
        `Cannot add ${count} nodes to the ${living} that there are: maxNodes is ${maxNodes}; if so ` +
          `many are meant, say ec2({ maxNodes: ${living + count} })`,
      );
    }
    this.#reserved += count;
    const reservation = new DisposableStack();
    reservation.defer(() => void (this.#reserved -= count));
    return reservation;
  }
}

/** What every node of the cluster needs; undone by `stack` should the rest fail. */
async function prepare(
  settings: Ec2Settings,
  cluster: ClusterContext,
  stack: AsyncDisposableStack,
): Promise<LaunchContext> {
  const { run, clusterId, heartbeat, emit, signal } = cluster;
  const { access, limits, prices, stackName } = settings;
  const aws = stack.use(await Aws.open({ ...access, backend: "ec2" }));
  const fleet = stack.use(await createFleet(cluster));
  const launches = new Set<string>();
  return {
    run,
    clusterId,
    aws,
    stack: await findStack(aws, { stackName, signal }),
    fleet,
    emit,
    limits,
    bill: new Bill(emit, (type) => hourlyPrice(type, prices)),
    terminator: new Terminator(aws),
    launches,
    starts: pollStarts(aws, { clusterId, launches }),
    ends: pollEnds(aws, clusterId),
    lease: heartbeat.timeout,
  };
}
