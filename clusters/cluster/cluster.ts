import type { AbilityName, Backend, HeartbeatOptions, NodeOptions, Provider } from "../kit/mod.ts";
import { defaultBackend } from "./default_backend.ts";
import {
  checkBackend,
  checkClusterOptions,
  type CheckedNeeds,
  checkNeeds,
  CLUSTER_KINDS,
  type ClusterOptions,
  FORWARDS_KINDS,
  nodeKinds,
} from "./cluster_options.ts";
import { abilitiesWith } from "./abilities_with.ts";
import { failuresOf, type OpenWait } from "../concurrency/mod.ts";
import { ClusterActivity, EventStream, showProgress } from "../events/mod.ts";
import { expectDisposal } from "./forgotten_clusters.ts";
import type { Faults } from "../faults/mod.ts";
import type { Watch } from "../guardian/mod.ts";
import { OfferedShells } from "../shell/mod.ts";
import { type Link, LINK_KINDS, type LinkOptions, type Mesh, openMesh } from "../links/mod.ts";
import { AllLost } from "./all_lost.ts";
import { checkLink, checkLinked } from "./check_link.ts";
import { checkEach, checkNodes, eachNode, type EachWork, type ResultForEach } from "./each_node.ts";
import { Forwards, type ForwardsOptions } from "./forwards.ts";
import { checkPort, type Node } from "../node/mod.ts";
import {
  AuthorCall,
  type AuthorCallOptions,
  type Member,
  type NodeCallOptions,
} from "../calls/mod.ts";
import { atCaller } from "../options/mod.ts";
import { ClusterSignals } from "./cluster_signals.ts";
import { ClusterNodes } from "./cluster_nodes.ts";
import { guardBackend } from "./guard_backend.ts";
import type { NodeForEach, NodesOf } from "./nodes_of.ts";
import {
  checkedMeasure,
  checkHoldText,
  checkNote,
  checkStep,
  doStep,
  MEASURE_KINDS,
  type MeasureOptions,
} from "./author_events.ts";
import { checkPermissions } from "./permissions.ts";
import { currentRun } from "../ownership/mod.ts";
import { ClusterRecord } from "../record/mod.ts";
import { thrownText } from "../../agent/thrown_text.ts";
import { openBackend } from "./open_backend.ts";
import { recordedBackend } from "./recorded_backend.ts";
import { recordsMetrics } from "./recorded_metrics.ts";
import { alikeNodes, listedNodes } from "./wanted_nodes.ts";

/** Options of a cluster that were checked. */
interface CheckedOptions extends Omit<ClusterOptions, "needs"> {
  readonly name: string;
  readonly needs: CheckedNeeds;
  readonly heartbeat: Required<HeartbeatOptions>;
}

/**
 * Ends the cluster's test early: `cluster.signal` aborts with `reason`, unless it has aborted before.
 * Nodes and their processes stay as they are, so that they can be inspected.
 */
export let failCluster: (cluster: Cluster<never>, reason: unknown) => void;

/**
 * Keeps the cluster of a failed test as it is, and resolves when Enter is pressed on the terminal, an
 * hour is over or the cluster has ended. `why` says what failed. Without a terminal it resolves at
 * once, and an event says so.
 */
export let keepCluster: (cluster: Cluster<never>, why: string) => Promise<void>;

/** What this package knows of a cluster besides what its author does. */
export interface ClusterInsides {
  readonly record: ClusterRecord;
  readonly activity: ClusterActivity;
  /** All nodes that were ever added, including those that were lost or given back. */
  readonly allNodes: readonly Node[];
  /** The steps of the test that go on. */
  readonly steps: ReadonlySet<OpenWait>;
  /** Whether its disposal has begun. */
  readonly isDisposed: boolean;
  /** Why its test has failed, as far as the cluster knows, beginning with the reason of its signal. */
  readonly failures: readonly unknown[];
  /** What was lost of faults, and no error has told the test yet: each once. */
  readonly takeFaultLosses: () => readonly Error[];
}

/** The insides of a cluster. */
export let insidesOf: (cluster: Cluster<never>) => ClusterInsides;

/** What a cluster is made of. */
interface ClusterParts<O extends NodeOptions> {
  readonly id: string;
  readonly name: string;
  readonly backend: Backend<O>;
  readonly provider: Provider<O>;
  readonly events: EventStream;
  readonly record: ClusterRecord;
  readonly activity: ClusterActivity;
  readonly end: ClusterSignals;
  readonly guard: Watch;
  readonly shells: OfferedShells;
  readonly needs: CheckedNeeds;
  readonly recordsMetrics: boolean;
  /** Disposed after everything else, in reverse order. */
  readonly resources: AsyncDisposableStack;
}

/**
 * Nodes for a test, which are gone when it ends. The test's code is the one coordinator: it decides
 * what happens on which node, and when.
 *
 * ```ts
 * import { strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 * import { local } from "@clustertest/clustertest/local";
 *
 * await using cluster = await Cluster.create(local());
 * const nodes = await cluster.addNodes(5);
 * await Promise.all(nodes.map(async (node) => {
 *   await node.writeTextFile("hello.txt", "Hello, world!");
 *   const { stdout } = await node.run("cat", ["hello.txt"]);
 *   strictEqual(stdout, "Hello, world!");
 * }));
 * ```
 */
export class Cluster<O extends NodeOptions = NodeOptions> implements AsyncDisposable {
  /** Unique; letters and digits. Containers, folders and the like carry it. */
  readonly id: string;
  /** The backend's name. */
  readonly backend: string;
  /**
   * The optional abilities of its nodes; some backends have some of them only for a test that `needs` them.
   * The options of a node may leave it fewer: see {@linkcode Node.abilities}.
   */
  readonly abilities: readonly AbilityName[];
  /** Everything that happens. */
  readonly events: EventStream;
  /** Injects faults into its networks and machines. */
  readonly faults: Faults;
  readonly #parts: ClusterParts<O>;
  readonly #nodes: ClusterNodes<O>;
  readonly #steps = new Set<OpenWait>();
  #disposal: Promise<void> | undefined;

  static {
    failCluster = (cluster, reason) => cluster.#parts.end.fail(reason);
    keepCluster = (cluster, why) => cluster.#hold(why);
    insidesOf = (cluster) => {
      const { record, activity, end } = cluster.#parts;
      const isDisposed = end.reason !== undefined;
      const { failures } = end;
      const takeFaultLosses = () => cluster.faults.takeLosses();
      const allNodes = cluster.#nodes.all;
      const steps = cluster.#steps;
      return { record, activity, allNodes, steps, isDisposed, failures, takeFaultLosses };
    };
  }

  private constructor(parts: ClusterParts<O>) {
    this.#parts = parts;
    this.id = parts.id;
    this.backend = parts.backend.name;
    this.abilities = Object.freeze(abilitiesWith(parts.backend, parts.needs));
    this.events = parts.events;
    this.#nodes = new ClusterNodes(parts);
    this.faults = this.#nodes.faults;
  }

  /**
   * Makes a cluster without nodes. Needs `--allow-all`; throws `Deno.errors.NotCapable` without.
   * Without a backend it takes the one that `CLUSTERTEST_BACKEND` names, or `local`. Throws a
   * `BackendUnusableError`, which says what to do, when the backend cannot be used here, and a
   * `MissingAbilityError` when it cannot do what the test `needs`. Aborting gives back what there is
   * so far.
   *
   * All that happens in it is recorded; but it knows neither the name of its test nor whether that has
   * failed, as {@linkcode clusterTest} does.
   */
  static async create(backend?: undefined, options?: ClusterOptions): Promise<Cluster>;
  /** The same, with a backend that the code names. */
  static async create<O extends NodeOptions>(
    backend: Backend<O>,
    options?: ClusterOptions,
  ): Promise<Cluster<O>>;
  static async create<O extends NodeOptions>(
    given?: Backend<O>,
    options: ClusterOptions = {},
  ): Promise<Cluster<O>> {
    const call = new AuthorCall(Cluster.create, { on: "cluster", options, kinds: CLUSTER_KINDS });
    const { name = "cluster", signal, needs = [] } = options;
    signal?.throwIfAborted();
    const heartbeat = call.check(() =>
      checkClusterOptions(options, given as Backend<never> | undefined)
    );
    return await call.during(async () => {
      checkPermissions();
      const backend = given ?? await defaultBackend();
      const checked = call.check(() => {
        checkBackend(backend);
        return checkNeeds(backend, needs);
      });
      return await Cluster.#create(backend, { ...options, name, needs: checked, heartbeat });
    });
  }

  static async #create<O extends NodeOptions>(
    backend: Backend<O>,
    { name, needs, heartbeat, signal, progress, recordedOutput }: CheckedOptions,
  ): Promise<Cluster<O>> {
    const isMeasured = recordsMetrics();
    const id = crypto.randomUUID().replaceAll("-", "").slice(0, 12);
    const events = new EventStream(id);
    const end = new ClusterSignals();
    await using resources = new AsyncDisposableStack();
    const run = currentRun();
    const record = resources.use(
      new ClusterRecord(events, {
        ...{ run, id, name, outputs: recordedOutput },
        backend: recordedBackend(backend),
        onOutput: (part) => shown.takeOutput?.(part),
      }),
    );
    const shown = resources.use(showProgress(events, { name, progress }));
    const activity = new ClusterActivity(events);
    resources.use(expectDisposal(name));
    const emit = events.emit;
    const onUnguarded = (message: string) => emit({ type: "warning", message });
    const guard = resources.use(
      await guardBackend(run, { backend, onUnguarded }),
    );
    const over = signal ? AbortSignal.any([end.disposed, signal]) : end.disposed;
    const context = { clusterId: id, run, ...needs, heartbeat, emit, signal: over };
    const provider = await openBackend(backend, context, guard);
    emit({ type: "cluster-created", backend: backend.name, name });
    const shells = resources.use(
      new OfferedShells({
        ...{ run: run.id, id, name, events },
        tellGuardian: (change) => guard.tellOfShells(change),
      }),
    );
    const parts = { id, name, backend, provider, events, record, activity, end, guard, shells };
    const cluster = new Cluster<O>({
      ...parts,
      needs,
      recordsMetrics: isMeasured,
      resources: resources.move(),
    });
    cluster.#endWith(signal);
    return cluster;
  }

  /**
   * Aborts when the test is over before its body has ended, so that nothing needs to be waited for any
   * more. Its reason says why:
   *
   * - an `EssentialProcessError` when a process has ended that was started as `essential`; nodes, and
   *   what else runs there, stay as they are;
   * - the error of the test, when it has failed elsewhere, as when it has taken longer than its `timeout`;
   * - the reason of the cluster's own `signal`, unchanged, when that has aborted;
   * - `Deno.errors.BadResource` when the cluster is disposed of.
   *
   * ```ts
   * import { rejects } from "node:assert/strict";
   * import { Cluster, eventually } from "@clustertest/clustertest";
   *
   * const cluster = await Cluster.create();
   * const never = () => Promise.reject(new Error("not yet"));
   * const waiting = eventually(never, { signal: cluster.signal });
   * await Promise.all([rejects(waiting, Deno.errors.BadResource), cluster.stop()]);
   * ```
   */
  get signal(): AbortSignal {
    return this.#parts.end.testOver;
  }

  /**
   * The nodes of the cluster, in the order in which they were added. A node that is down, because the
   * test has killed it, is among them; a node that was lost or given back is not.
   */
  get nodes(): readonly Node[] {
    return this.#nodes.all.filter((node) => !node.signal.aborted);
  }

  /** Adds one node; as {@linkcode Cluster.addNodes}. */
  async addNode(options?: O & NodeCallOptions): Promise<Node> {
    const call = new AuthorCall(this.addNode, this.#addition(this.addNode, [], options));
    const [node] = await this.#addAlike(call, 1, options);
    return node!;
  }

  /**
   * Adds nodes, all of them or none: when one fails, the others of this call are destroyed, and the
   * error says why. Several nodes with a `name` are `name-1`, `name-2`, … Aborting `signal` destroys
   * those of this call, and does nothing once the call has resolved. At most 10,000 by one call.
   *
   * A literal count up to 64 gives a tuple of that length, so that its elements need no check for
   * `undefined`.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const [leader, follower] = await cluster.addNodes(2, { env: { PORT: "2380" } });
   * strictEqual(leader.name, "node1");
   * strictEqual(follower.name, "node2");
   * ```
   */
  addNodes<N extends number>(count: N, options?: O & NodeCallOptions): Promise<NodesOf<N>>;
  /**
   * Adds a node for each entry, which has the options of that node: with its own `name`, or the next
   * `node1`, `node2`, …, and whatever else its backend's nodes have. They may differ in all of it.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const [server, client] = await cluster.addNodes([
   *   { name: "server", env: { ROLE: "server" } },
   *   { name: "client" },
   * ]);
   * strictEqual((await server.run("printenv", ["ROLE"])).stdout, "server\n");
   * strictEqual(client.name, "client");
   * ```
   */
  addNodes<L extends readonly unknown[] | []>(
    nodes: { readonly [K in keyof L]: O },
    options?: NodeCallOptions,
  ): Promise<NodeForEach<L>>;
  async addNodes(wanted: number | readonly O[], options?: O & NodeCallOptions): Promise<Node[]> {
    if (Array.isArray(wanted)) {
      const call = new AuthorCall(this.addNodes, { on: "cluster", options });
      return await this.#addListed(call, wanted, options?.signal);
    }
    const call = new AuthorCall(this.addNodes, this.#addition(this.addNodes, [wanted], options));
    return await this.#addAlike(call, wanted as number, options);
  }

  /**
   * Does the same work on several nodes at once, and resolves to the results, in the order of the nodes.
   * Without `nodes` it takes {@linkcode Cluster.nodes}; nodes that are down are among them, and a call
   * on one of those fails with a `NodeDownError`.
   *
   * The work on all nodes is waited for, also when it fails on some; then a
   * {@linkcode NodesFailedError} says on which nodes, and why. The first failure aborts the `signal`
   * that is passed to the work on the others. Work that rejects with the reason of that signal counts
   * as given up, not as failed.
   *
   * Aborting the `signal` of `options` aborts that one, too, and rejects at once; work that ignores its
   * signal goes on in the background.
   *
   * ```ts
   * import { deepStrictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const [one, two] = await cluster.addNodes(2);
   * await cluster.each((node) => node.writeTextFile("name", node.name));
   * const names = await cluster.each((node, { signal }) => node.readTextFile("name", { signal }));
   * deepStrictEqual(names, ["node1", "node2"]);
   * const [second] = await cluster.each((node, { index }) => `${node.name} at ${index}`, [two]);
   * deepStrictEqual(second, "node2 at 0");
   * ```
   */
  async each<T, const N extends readonly Node[] = readonly Node[]>(
    work: EachWork<T>,
    nodes: N = this.nodes as N,
    options: NodeCallOptions = {},
  ): Promise<ResultForEach<N, T>> {
    const call = new AuthorCall(this.each, { on: "cluster", options });
    call.check(() => checkEach(work, nodes));
    const results = call.during(() => eachNode(nodes, work, options));
    return await results as unknown as ResultForEach<N, T>;
  }

  /**
   * Opens a forward of `port` for all nodes, or for those of `options`: all of them or none. Nodes that
   * are added later get none.
   */
  async forwards(port: number, options: ForwardsOptions = {}): Promise<Forwards> {
    const call = new AuthorCall(this.forwards, {
      on: "cluster",
      of: [port],
      options,
      kinds: FORWARDS_KINDS,
    });
    const { nodes = this.nodes } = options;
    call.check(() => {
      checkNodes(nodes);
      checkPort(port, 1);
    });
    return await call.during(() => Forwards.open(nodes, port));
  }

  /**
   * Leads from one node to the service of another one at `port`, wherever the two are: directly where they
   * share a network, else at a public address that answers, else through the test's process. The result
   * says which, and at which address and port the first node finds the service. Relayed, that is a
   * loopback address for each peer, so that several may have the same port; TCP alone, and as fast as
   * the test's own line.
   *
   * What the service is told of its own address is not translated: have it tell its peers nothing, or
   * names. Where the node's own services listen at all addresses, at the same port, the link has another
   * one. Throws a `TypeError` for nodes of another cluster, and a `NodeLostError` for one that is gone.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   * import { composed } from "@clustertest/clustertest/composed";
   * import { local } from "@clustertest/clustertest/local";
   * import { loopback } from "@clustertest/clustertest/loopback";
   *
   * await using cluster = await Cluster.create(composed({ here: local(), there: loopback() }));
   * const [client, server] = await cluster.addNodes([{ in: "here" }, { in: "there" }]);
   * await using service = await server.listen({ port: 7000 });
   * await using link = await cluster.link(client, server, 7000, { relay: true });
   * await using connection = await client.connect({ hostname: link.hostname, port: link.port });
   * await using accepted = await service.accept();
   * await connection.write(new TextEncoder().encode("hi"));
   * await connection.closeWrite();
   * strictEqual(await accepted.readable.text(), "hi");
   * ```
   */
  async link(from: Node, to: Node, port: number, options: LinkOptions = {}): Promise<Link> {
    const of = [from?.name, to?.name, port];
    const call = new AuthorCall(this.link, { on: "cluster", of, options, kinds: LINK_KINDS });
    call.check(() => checkLink({ from, to, ports: [port] }, this.#nodes.all));
    const request = { from, to, port, options, member: this.link };
    return await call.during(() => this.#nodes.links.open(call, request));
  }

  /**
   * Links each of these nodes to all others, at these ports: all of them or none. `link(from, to)` of the
   * result says where one finds another.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const [one, two, three] = await cluster.addNodes(3);
   * await using mesh = await cluster.mesh([one, two, three], [2379, 2380]);
   * strictEqual(mesh.link(one, three, 2380).address, `${three.address}:2380`);
   * strictEqual([...mesh].length, 12);
   * ```
   */
  async mesh(
    nodes: readonly Node[],
    ports: number | readonly number[],
    options: LinkOptions = {},
  ): Promise<Mesh> {
    const call = new AuthorCall(this.mesh, {
      ...{ on: "cluster", of: [ports], options, kinds: LINK_KINDS },
    });
    const all = [ports].flat() as number[];
    call.check(() => checkLinked({ nodes, ports: all }, this.#nodes.all));
    return await call.during(() =>
      openMesh(this.#nodes.links, { nodes, ports: all, options, call, member: this.mesh })
    );
  }

  /**
   * Records `text` with the time of the call, for those who look at the run later; does nothing once the
   * cluster is disposed of. Throws a `TypeError` if it is empty or no string, and a `RangeError` if it is
   * longer than 10,000 characters.
   *
   * ```ts
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * cluster.note("all clients write from now on");
   * ```
   */
  note(text: string): void {
    const call = new AuthorCall(this.note, { on: "cluster" });
    call.now(() => {
      checkNote(text);
      this.events.emit({ type: "note", text });
    });
  }

  /**
   * Records a number that the test has measured, with the time of the call: values of the same `name`
   * are one line in the report's charts. `node` says which node it is about, and `unit` what it counts.
   * Does nothing once the cluster is disposed of. Throws a `RangeError` if the value is not finite or a
   * text is too long, and a `TypeError` for other misuse, such as a node of another cluster.
   *
   * ```ts
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.addNode();
   * const started = performance.now();
   * await node.run("true");
   * cluster.measure("latency", performance.now() - started, { node, unit: "ms" });
   * ```
   */
  measure(name: string, value: number, options: MeasureOptions = {}): void {
    const call = new AuthorCall(this.measure, {
      ...{ on: "cluster", of: [name], options, kinds: MEASURE_KINDS },
    });
    call.now(() => {
      const measure = checkedMeasure({ name, value, options }, this.#nodes.all);
      this.events.emit({ type: "measure", ...measure });
    });
  }

  /**
   * Does a part of the test, and records its name, how long it took, and how it failed. Resolves to the
   * result of `body`, and rejects with what `body` throws, unchanged. Steps may be nested, and several may
   * go on at once.
   *
   * ```ts
   * import { strictEqual } from "node:assert/strict";
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * const node = await cluster.step("a node joins", () => cluster.addNode());
   * strictEqual(node.name, "node1");
   * ```
   */
  async step<T>(name: string, body: () => T | PromiseLike<T>): Promise<T> {
    const call = new AuthorCall(this.step, { on: "cluster", of: [name], isPlaced: true });
    call.now(() => checkStep(name, body));
    const { emit } = this.events;
    const nextId = () => this.#nodes.nextId();
    return await doStep({ name, body, emit, call, ongoing: this.#steps, nextId });
  }

  /**
   * Stops the test here, so that somebody can inspect the cluster: until Enter is pressed on the terminal
   * on which the tests run, for an hour at most. A message there says how to open a terminal on a node,
   * and how to see what processes write; `text` says what there is to see. Nodes go on meanwhile, leases
   * are renewed, and bounds such as `maxLife` still apply.
   *
   * Resolves at once, with a warning, where there is no terminal, where the variable `CI` is set, and
   * while three other clusters of this user are held; of several that are held, one asks at a time.
   * Resolves as well when no node is left. Rejects when `signal`, or that of the cluster, aborts, with its
   * reason.
   *
   * ```ts ignore
   * import { Cluster } from "@clustertest/clustertest";
   *
   * await using cluster = await Cluster.create();
   * await cluster.addNodes(3);
   * await cluster.hold("look at node2");
   * ```
   */
  async hold(text: string, options: NodeCallOptions = {}): Promise<void> {
    const call = new AuthorCall(this.hold, { on: "cluster", of: [text], options });
    call.check(() => checkHoldText(text));
    const { signal } = options;
    try {
      await this.#hold(text, signal ? AbortSignal.any([signal, this.signal]) : this.signal);
    } catch (error) {
      throw this.signal.aborted && this.signal.reason === error ? error : call.located(error);
    }
  }

  /** Stops every node, as {@linkcode Node.stop} does, and then disposes of the cluster. */
  async stop(): Promise<void> {
    const call = new AuthorCall(this.stop, { on: "cluster" });
    // Disposal destroys the nodes that could not be stopped.
    await Promise.allSettled(this.nodes.map((node) => node.stop()));
    await call.during(() => this.#dispose());
  }

  /**
   * Destroys all nodes at once, and gives back everything else that the cluster had. One failure does not
   * keep it from giving back the rest; an `AggregateError` has all failures. Idempotent.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const call = new AuthorCall(this[Symbol.asyncDispose], { on: "cluster" });
    await call.during(() => this.#dispose());
  }

  async #hold(text: string, signal?: AbortSignal): Promise<void> {
    const { name, end } = this.#parts;
    using lost = new AllLost(this.nodes.map((node) => node.signal));
    const gone = AbortSignal.any([end.disposed, lost.signal]);
    const { holdCluster } = await import("../hold/mod.ts");
    await holdCluster({ id: this.id, name, nodes: this.nodes, emit: this.events.emit }, {
      text,
      signal,
      gone,
    });
  }

  #addition(
    member: Member,
    of: readonly unknown[],
    options?: O & NodeCallOptions,
  ): AuthorCallOptions {
    const kinds = atCaller(member, () => nodeKinds(this.#parts.backend, options));
    const signal = options?.signal;
    return { on: "cluster", of, ...kinds ? { options, kinds } : { signal } };
  }

  #addAlike(
    call: AuthorCall,
    count: number,
    { signal, ...rest }: O & NodeCallOptions = {} as O & NodeCallOptions,
  ): Promise<Node[]> {
    // All options but the signal go to the backend.
    return this.#nodes.add(call, call.check(() => alikeNodes(count, rest as unknown as O)), signal);
  }

  #addListed(
    call: AuthorCall,
    list: readonly O[],
    signal: AbortSignal | undefined,
  ): Promise<Node[]> {
    return this.#nodes.add(call, call.check(() => listedNodes(list, this.#parts.backend)), signal);
  }

  /** Destroys the cluster when `signal` aborts. */
  #endWith(signal: AbortSignal | undefined): void {
    if (!signal) return;
    // The test gets the error when it disposes of the cluster itself.
    const abort = () => void this.#dispose(signal.reason).catch(() => {});
    signal.addEventListener("abort", abort, { once: true });
    this.#parts.resources.defer(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) abort();
  }

  #dispose(reason?: unknown): Promise<void> {
    return this.#disposal ??= this.#disposeOnce(reason);
  }

  async #disposeOnce(reason: unknown): Promise<void> {
    const { end, provider, events, guard, resources } = this.#parts;
    end.begin(reason);
    const errors = await this.#giveBack(provider);
    if (errors.length > 0) guard.keep();
    events.emit({ type: "cluster-disposed", errors: errors.map(thrownText) });
    events.end();
    errors.push(...failuresOf(await Promise.allSettled([resources.disposeAsync()])));
    if (errors.length > 0) {
      throw new AggregateError(
        errors,
        `Cannot give back all of cluster ${this.id}: ${thrownText(errors[0])}`,
      );
    }
  }

  /** Tries everything; resolves to what could not be given back. */
  async #giveBack(provider: Provider<O>): Promise<unknown[]> {
    const destroyed = await this.#nodes.destroy();
    // An `addNodes()` in flight gives back what it has obtained, and then rejects.
    await this.#nodes.settled();
    const disposed = await Promise.allSettled([provider[Symbol.asyncDispose]()]);
    // The provider may have given back what a node could not: then destroying the node again succeeds.
    const isDisposed = failuresOf(disposed).length === 0;
    return failuresOf([...isDisposed ? await this.#nodes.destroy() : destroyed, ...disposed]);
  }
}
