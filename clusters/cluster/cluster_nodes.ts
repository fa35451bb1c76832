import type { AuthorCall } from "../calls/mod.ts";
import { type EventStream, reportLaunch } from "../events/mod.ts";
import { Faults, prepareFaults } from "../faults/mod.ts";
import type {
  Backend,
  CreateOptions,
  NodeOptions,
  NodeRequest,
  ProvidedNode,
  Provider,
} from "../kit/mod.ts";
import { ClusterLinks } from "../links/mod.ts";
import { insidesOf as nodeInsides, Node } from "../node/mod.ts";
import type { ClusterRecord } from "../record/mod.ts";
import type { OfferedShells } from "../shell/mod.ts";
import type { ClusterSignals } from "./cluster_signals.ts";
import { recordedNodeOptions } from "./recorded_backend.ts";
import { thrownText } from "../../agent/thrown_text.ts";
import { metricsBatch } from "./recorded_metrics.ts";
import { type CheckedNeeds, needsOf } from "./cluster_options.ts";
import { NodeNames } from "./node_names.ts";
import type { WantedNode } from "./wanted_nodes.ts";

/** What the nodes of a cluster are made with. */
export interface ClusterNodesParts<O extends NodeOptions> {
  /** The id of the cluster. */
  readonly id: string;
  readonly backend: Backend<O>;
  readonly provider: Provider<O>;
  readonly events: EventStream;
  readonly record: ClusterRecord;
  readonly end: ClusterSignals;
  readonly shells: OfferedShells;
  /** Abilities that the test needs. */
  readonly needs: CheckedNeeds;
  /** Whether metrics of the nodes are recorded. */
  readonly recordsMetrics: boolean;
}

/** The nodes of one cluster. */
export class ClusterNodes<O extends NodeOptions> {
  /** The faults of the cluster. */
  readonly faults: Faults;
  /** Ways between them. */
  readonly links: ClusterLinks;
  readonly #parts: ClusterNodesParts<O>;
  readonly #names = new NodeNames();
  readonly #all = new Set<Node>();
  readonly #provided = new WeakMap<Node, ProvidedNode>();
  /** Of a composed backend: the name of the member whose node it is. */
  readonly #members = new WeakMap<Node, string>();
  readonly #additions = new Set<Promise<unknown>>();
  #counter = 0;

  constructor(parts: ClusterNodesParts<O>) {
    this.#parts = parts;
    const { emit } = parts.events;
    this.links = new ClusterLinks({
      ...{ emit, nextId: () => this.nextId() },
      onRelayed: (signal) => this.faults.updateAll(signal),
    });
    this.faults = new Faults({
      nodes: () => this.present,
      links: this.links,
      memberOf: (node) => this.#members.get(node),
      providedOf: (node) => this.#provided.get(node)!,
      emit: parts.events.emit,
      nextId: () => this.nextId(),
      signal: parts.end.disposed,
    });
  }

  /** The nodes that were neither lost nor given back. */
  get present(): Node[] {
    return this.all.filter((node) => !node.signal.aborted);
  }

  /** All nodes that were ever added, in that order. */
  get all(): Node[] {
    return [...this.#all];
  }

  /** A number that nothing else in the cluster has. */
  nextId(): number {
    return ++this.#counter;
  }

  /** Adds nodes, all of them or none. */
  async add(
    call: AuthorCall,
    wanted: readonly WantedNode<O>[],
    signal: AbortSignal | undefined,
  ): Promise<Node[]> {
    signal?.throwIfAborted();
    const { end } = this.#parts;
    if (end.disposed.aborted) {
      const { reason } = end.disposed;
      throw end.isCausedBy(reason) ? reason : call.located(reason);
    }
    const names = call.check(() => this.#names.take(wanted.map(({ name }) => name)));
    const requests = wanted.map(({ options }, i) => ({ name: names[i]!, options }));
    const addition = this.#add(requests, signal);
    this.#additions.add(addition);
    try {
      return await addition;
    } catch (error) {
      throw end.isCausedBy(error) ? error : call.located(error);
    } finally {
      this.#additions.delete(addition);
    }
  }

  /**
   * Destroys all nodes, also lost ones; what failed before is tried again. All are given back at the same
   * moment, when the record has the last of each: so a backend can end many of them by one call.
   */
  async destroy(): Promise<PromiseSettledResult<void>[]> {
    const { all } = this;
    await Promise.all(all.map((node) => nodeInsides(node).prepareDestruction()));
    return await Promise.allSettled(all.map((node) => node.destroy()));
  }

  /** Waits until no node is being added any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#additions);
  }

  async #add(
    requests: readonly NodeRequest<O>[],
    givenUp: AbortSignal | undefined,
  ): Promise<Node[]> {
    const { events: { emit }, end: { disposed } } = this.#parts;
    const signal = givenUp ? AbortSignal.any([disposed, givenUp]) : disposed;
    const names = requests.map(({ name }) => name);
    emit({ type: "nodes-requested", names });
    try {
      const provided = await reportLaunch(
        { emit, id: `launch${this.nextId()}`, names },
        (onLaunched) => this.#obtain(requests, { signal, onLaunched }),
      );
      const batch = metricsBatch(this.present.length + provided.length);
      const nodes = provided.map((each, i) => this.#adopt(requests[i]!, each, batch));
      await this.#include(nodes, signal);
      await this.#offerShells(requests, provided);
      return nodes;
    } catch (error) {
      emit({ type: "nodes-failed", names, error: thrownText(error) });
      this.#names.free(names);
      throw error;
    }
  }

  /** Obtains nodes of the backend, and prepares them for the faults that the test needs. */
  async #obtain(
    requests: readonly NodeRequest<O>[],
    options: CreateOptions,
  ): Promise<ProvidedNode[]> {
    const { provider } = this.#parts;
    const provided = await provider.create(requests, options);
    const { signal } = options;
    try {
      signal.throwIfAborted();
      await this.#prepareFaults(requests, provided, signal);
      signal.throwIfAborted();
      return provided;
    } catch (error) {
      await Promise.allSettled(provided.map((each) => each.destroy()));
      throw error;
    }
  }

  async #prepareFaults(
    requests: readonly NodeRequest<O>[],
    provided: readonly ProvidedNode[],
    signal: AbortSignal,
  ): Promise<void> {
    await Promise.all(provided.map((each, i) => {
      const { backend, member } = this.#placeOf(requests[i]!.options);
      const needs = needsOf(this.#parts.needs, member);
      return prepareFaults([each], { needs, backend, signal });
    }));
  }

  /** Applies faults that are in force to new nodes, before the test gets them. */
  async #include(nodes: readonly Node[], signal: AbortSignal): Promise<void> {
    try {
      await this.faults.updateAll(signal);
    } catch (error) {
      await Promise.allSettled(nodes.map((node) => node.destroy()));
      throw error;
    }
  }

  async #offerShells(
    requests: readonly NodeRequest<O>[],
    provided: readonly ProvidedNode[],
  ): Promise<void> {
    const { shells } = this.#parts;
    await Promise.all(
      requests.map(({ name, options }, i) => {
        const { backend } = this.#placeOf(options);
        return shells.add(name, { backend, provided: provided[i]!, env: options.env ?? {} });
      }),
    );
  }

  /** The backend of a node with these options, and the name that it has as a member, if it is one. */
  #placeOf(options: O): { readonly backend: string; readonly member?: string } {
    const { backend: { name, composition } } = this.#parts;
    if (!composition) return { backend: name };
    const member = composition.memberOf(options);
    return { backend: composition.members[member]!.name, member };
  }

  #adopt({ name, options }: NodeRequest<O>, provided: ProvidedNode, batch: number): Node {
    const { events: { emit }, record, recordsMetrics, end } = this.#parts;
    const { backend, member } = this.#placeOf(options);
    const node = new Node({
      ...{ name, provided, backend, emit, record },
      ownNetwork: [backend, this.#parts.id, ...member ? [member] : []].join("-"),
      env: options.env ?? {},
      metrics: recordsMetrics ? { batch } : undefined,
      nextId: () => this.nextId(),
      clusterEnd: () => end.reason,
      failTest: (reason) => end.fail(reason),
      testFailed: end.testFailed,
      testOver: end.testOver,
      onUp: (node) => this.faults.restore(node, end.disposed),
      onGivenBack: () => this.#names.free([name]),
    });
    this.#all.add(node);
    this.#provided.set(node, provided);
    if (member !== undefined) this.#members.set(node, member);
    const { id, address } = provided;
    const given = recordedNodeOptions(options);
    emit({
      ...{ type: "node-ready", node: name, id, address },
      ...member && { member },
      ...given && { options: given },
    });
    provided.lost.then(({ summary }) => {
      if (!end.reason) emit({ type: "node-lost", node: name, reason: summary });
    });
    return node;
  }
}
