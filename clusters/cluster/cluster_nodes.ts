import type { AuthorCall } from "../calls/mod.ts";
import { type EventStream, reportLaunch } from "../events/mod.ts";
import type { NodeOptions, NodeRequest, ProvidedNode, Provider } from "../kit/mod.ts";
import { Node } from "../node/mod.ts";
import type { ClusterRecord } from "../record/mod.ts";
import type { ClusterEnd } from "./cluster_end.ts";
import { NodeNames } from "./node_names.ts";
import type { WantedNode } from "./wanted_nodes.ts";

/** What the nodes of a cluster are made with. */
export interface ClusterNodesParts<O extends NodeOptions> {
  /** The name of the backend. */
  readonly backend: string;
  readonly provider: Provider<O>;
  readonly events: EventStream;
  readonly record: ClusterRecord;
  readonly end: ClusterEnd;
}

/** The nodes of one cluster. */
export class ClusterNodes<O extends NodeOptions> {
  readonly #parts: ClusterNodesParts<O>;
  readonly #names = new NodeNames();
  readonly #all = new Set<Node>();
  readonly #additions = new Set<Promise<unknown>>();
  #counter = 0;

  constructor(parts: ClusterNodesParts<O>) {
    this.#parts = parts;
  }

  /** All that there ever were, in the order in which they were added. */
  get all(): Node[] {
    return [...this.#all];
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
    const names = this.#names.take(wanted.map(({ name }) => name));
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

  /** Destroys all of them, also those that are gone; tries it again where it has failed before. */
  destroy(): Promise<PromiseSettledResult<void>[]> {
    return Promise.allSettled(this.all.map((node) => node.destroy()));
  }

  /** Waits until no node is being added any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#additions);
  }

  async #add(
    requests: readonly NodeRequest<O>[],
    givenUp: AbortSignal | undefined,
  ): Promise<Node[]> {
    const { provider, events: { emit }, end: { disposed } } = this.#parts;
    const signal = givenUp ? AbortSignal.any([disposed, givenUp]) : disposed;
    const names = requests.map(({ name }) => name);
    emit({ type: "nodes-requested", names });
    try {
      const provided = await reportLaunch(
        { emit, id: `launch${++this.#counter}`, names },
        (onLaunched) => provider.create(requests, { signal, onLaunched }),
      );
      if (signal.aborted) await Promise.allSettled(provided.map((each) => each.destroy()));
      signal.throwIfAborted();
      return provided.map((each, i) => this.#adopt(requests[i]!, each));
    } catch (error) {
      emit({ type: "nodes-failed", names, error: String(error) });
      this.#names.free(names);
      throw error;
    }
  }

  #adopt({ name, options }: NodeRequest<O>, provided: ProvidedNode): Node {
    const { backend, events: { emit }, record, end } = this.#parts;
    const node = new Node({
      ...{ name, provided, backend, emit, record },
      env: options.env ?? {},
      nextId: () => ++this.#counter,
      clusterEnd: () => end.reason,
      failTest: (reason) => end.fail(reason),
      testFailed: end.testFailed,
      testOver: end.testOver,
      onGivenBack: () => this.#names.free([name]),
    });
    this.#all.add(node);
    emit({ type: "node-ready", node: name, id: provided.id, address: provided.address });
    provided.lost.then(({ summary }) => {
      if (!end.reason) emit({ type: "node-lost", node: name, reason: summary });
    });
    return node;
  }
}
