import { AuthorCall, emitAfter, type NodeCallOptions } from "../calls/mod.ts";
import type { PacketShaping } from "../../agent/host/host.ts";
import { MissingAbilityError } from "../errors.ts";
import type { FaultProof } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import { Fault, type InjectedFault } from "./fault.ts";
import type { MachineFaults, MachineRequest } from "./machine_faults.ts";
import {
  checkBytes,
  checkCores,
  checkFill,
  FULL_DISK_KINDS,
  type FullDiskOptions,
  LIMIT_KINDS,
  type MachineFaultOptions,
  nodesOf,
} from "./machine_options.ts";
import type { FaultParts, NetworkFault } from "./network_fault.ts";
import { FaultContext, type FaultSurroundings } from "./fault_context.ts";
import {
  checkFaultOptions,
  checkNoNodes,
  FAULT_KINDS,
  type FaultDirection,
  type FaultEnd,
  type FaultOptions,
  type FaultSide,
  nameOf,
} from "./fault_options.ts";
import { atCaller, type OptionKinds } from "../options/mod.ts";
import {
  describeShaping,
  seedOf,
  SHAPE_KINDS,
  type ShapeOptions,
  shapingOf,
} from "./shape_options.ts";
import {
  linksOfBlock,
  linksOfIsolation,
  linksOfPartition,
  type NetworkLink,
} from "./network_links.ts";

/** What can be done to packets, and not to the streams that the test relays. */
const PACKETS_ONLY = ["loss", "duplicate", "reorder", "corrupt", "distribution"] as const;

/** How errors name where its members are. */
const ON = "cluster.faults";

/**
 * What a test does to the network of a cluster and to its machines: `cluster.faults`. Nothing of it needs a
 * tool in a node's image, or a privilege of its processes. A fault is there when its call resolves, and
 * probes have shown it. Faults add up, and each is healed alone. One of the network concerns connections
 * that are open as well as new ones, over IPv4 and IPv6, and never the runner's own.
 */
export class Faults {
  readonly #context: FaultContext;
  readonly #surroundings: FaultSurroundings;
  readonly #active = new Set<NetworkFault>();
  #machines: MachineFaults | undefined;

  /** @ignore */
  constructor(surroundings: FaultSurroundings) {
    this.#surroundings = surroundings;
    this.#context = new FaultContext(surroundings);
  }

  /**
   * Nodes of different groups do not reach each other; those that are in no group are not concerned. A
   * group is a node, a list of nodes, or `"outside"`.
   *
   * Of nodes that share no network the links are cut which the test relays. Where such nodes reach each other
   * by themselves, as a node of `local` reaches a container of this machine, that way stays open: `proof.open`
   * names it, and without a link, which means that nothing was cut, it is an error.
   *
   * Throws a `MissingAbilityError` where the backend's nodes have no network of their own, and a
   * {@linkcode FaultProofError} when probes do not show it; then it is undone.
   */
  async partition(groups: readonly FaultSide[], options: FaultOptions = {}): Promise<Fault> {
    const call = this.#call(this.partition, options);
    const linksOf = call.check(() => linksOfPartition(groups, this.#context.nodes()));
    const action = `partition ${groups.map(describe).join(" from ")}`;
    return await call.during(() => this.#cut({ action, linksOf, options }));
  }

  /**
   * These nodes do not reach any other of the cluster, also those that are added later. Where one of those
   * reaches them by itself, without a link, a warning says so, and `proof.open`.
   */
  async isolate(nodes: Node | readonly Node[], options: FaultOptions = {}): Promise<Fault> {
    const call = this.#call(this.isolate, options);
    const linksOf = call.check(() => linksOfIsolation(nodes, this.#context.nodes()));
    return await call.during(() =>
      this.#cut({ action: `isolate ${describe(nodes)}`, linksOf, options })
    );
  }

  /** Nothing arrives that goes this way; what goes the other way does. */
  async block(direction: FaultDirection, options: FaultOptions = {}): Promise<Fault> {
    const call = this.#call(this.block, options);
    const linksOf = call.check(() => linksOfBlock(direction, this.#context.nodes()));
    const action = `block ${describe(direction.from)} to ${describe(direction.to)}`;
    return await call.during(() => this.#cut({ action, linksOf, options }));
  }

  /**
   * What goes this way is late, or some of it is lost, copied, changed or out of order, or so many bits pass
   * in a second; what goes the other way does as before. Two shapes of one link do what each of them does:
   * latencies add, a packet has to get by both losses, and the lower bandwidth counts. What the test relays
   * has latency, jitter and bandwidth alone.
   *
   * It resolves once that was measured, which takes 2 to 10 seconds: the longer, the more quantities there are,
   * the rarer a loss is, and the more links (4 are measured at a time, and 16 at most). `{ proof: false }` leaves
   * that out.
   *
   * Throws as {@linkcode partition} does, also for nodes without a link that reach each other by themselves.
   *
   * @example
   * ```ts
   * import { ok } from "node:assert/strict";
   * import { Cluster, type Node } from "@clustertest/clustertest";
   *
   * export async function slowLink(cluster: Cluster, [a, b]: [Node, Node]): Promise<void> {
   *   await using slow = await cluster.faults.shape({ from: a, to: b }, { latency: 80, jitter: 20 });
   *   const latency = slow.proof!.measurements!.find(({ quantity }) => quantity === "latency")!;
   *   ok(latency.measured > 60);
   * }
   * ```
   */
  async shape(direction: FaultDirection, options: ShapeOptions = {}): Promise<Fault> {
    const call = this.#call(this.shape, options, SHAPE_KINDS);
    const linksOf = call.check(() => linksOfBlock(direction, this.#context.nodes()));
    const isOutward = direction.to === "outside";
    const shaping = call.check(() => shapingOf(options, { isOutward }));
    const [from, to] = [direction.from, direction.to].map(describe);
    const action = `shape ${from} to ${to}: ${describeShaping(shaping)}`;
    return await call.during(async () => {
      const { shapingTo } = await import("./fault_effect.ts");
      return await this.#make({ action, linksOf, options, effect: shapingTo(shaping) });
    });
  }

  /**
   * Nodes get so many processors' time, together for all that runs on each: `0.5` is half of one. The agent
   * is in it, and slower, too. Of several faults on a node the least counts.
   *
   * Throws a `MissingAbilityError` where nodes share the processors of their machine, a `RangeError` when a
   * node has no more than that, and a {@linkcode FaultProofError} when a probe gets more; then it is undone.
   */
  async cpu(
    nodes: Node | readonly Node[],
    cores: number,
    options: MachineFaultOptions = {},
  ): Promise<Fault> {
    const call = new AuthorCall(this.cpu, { on: ON, options, kinds: LIMIT_KINDS });
    call.check(() => checkCores(cores));
    const named = this.#named(nodes, call);
    const action = `limit the CPU of ${describe(named)} to ${cores} cores`;
    return await call.during(() =>
      this.#change({ action, nodes: named, what: { cores }, options })
    );
  }

  /**
   * Nodes get so many bytes of memory, and no swap: what needs more is killed by the kernel, or told that
   * there is none. The agent is in it, with 30 to 75 MiB, and so is what is in file systems in memory. Of
   * several faults on a node the least counts.
   *
   * Throws as {@linkcode cpu} does, and a `RangeError` when what runs on a node uses more already: then
   * nothing is changed. What begins to use more in that very moment, the kernel ends.
   */
  async memory(
    nodes: Node | readonly Node[],
    bytes: number,
    options: MachineFaultOptions = {},
  ): Promise<Fault> {
    const call = new AuthorCall(this.memory, { on: ON, options, kinds: LIMIT_KINDS });
    call.check(() => checkBytes(bytes));
    const named = this.#named(nodes, call);
    const action = `limit the memory of ${describe(named)} to ${bytes} bytes`;
    return await call.during(() =>
      this.#change({ action, nodes: named, what: { bytes }, options })
    );
  }

  /**
   * The file system of a folder on nodes is full, but for `leave` bytes: writing more fails with `ENOSPC`.
   * What is deleted there meanwhile can be written again. What fills it has no name, and is gone when the
   * fault is healed, and when the agent ends in whatever way.
   *
   * Throws an error, and fills nothing, where others have the same file system, as all containers of an
   * engine have its disk: a node needs one of its own, as by `docker({ tmpfs: { "/data": "size=64m" } })`.
   */
  async fullDisk(
    nodes: Node | readonly Node[],
    path: string,
    options: FullDiskOptions = {},
  ): Promise<Fault> {
    const call = new AuthorCall(this.fullDisk, { on: ON, options, kinds: FULL_DISK_KINDS });
    const { leave = 0 } = options;
    call.check(() => checkFill(path, leave));
    const named = this.#named(nodes, call);
    const action = `fill the disk of ${describe(named)} at ${path}`;
    const what = { path, leave };
    return await call.during(() => this.#change({ action, nodes: named, what, options }));
  }

  /** Called once nodes were added: faults may concern them. */
  async updateAll(signal: AbortSignal): Promise<void> {
    const { turns, known, nodes } = this.#context;
    await turns.take(async () => {
      await known.learn(nodes(), async () => {
        for (const fault of this.#active) await fault.update(signal);
      });
    }, signal);
  }

  /** Called once a node is up again: what makes faults there may have ended when it was killed. */
  async restore(node: Node, signal: AbortSignal): Promise<void> {
    const ended = () => [
      ...[...this.#active].filter((fault) => fault.hasToBeRestoredOn(node)),
      ...this.#machines?.endedOn(node) ?? [],
    ];
    if (ended().length === 0) return;
    await this.#context.turns.take(async () => {
      for (const fault of ended()) await fault.update(signal);
    }, signal);
  }

  /** Called once the test has ended: what faults were lost of which no error has told. */
  takeLosses(): Error[] {
    return [...this.#context.losses].flatMap((losses) => losses.take() ?? []);
  }

  #call(
    member: (...args: never) => unknown,
    options: FaultOptions,
    kinds: OptionKinds<FaultOptions> = FAULT_KINDS,
  ): AuthorCall {
    atCaller(member, () => checkNoNodes(options));
    const call = new AuthorCall(member, { on: ON, options, kinds });
    call.check(() => checkFaultOptions(options));
    return call;
  }

  #named(nodes: Node | readonly Node[], call: AuthorCall): Node[] {
    return call.check(() => nodesOf(nodes, this.#context.nodes()));
  }

  async #cut(request: Omit<FaultRequest, "effect">): Promise<Fault> {
    const { cutting } = await import("./fault_effect.ts");
    return await this.#make({ ...request, effect: cutting });
  }

  async #make(request: FaultRequest): Promise<Fault> {
    const { nodes } = this.#surroundings;
    const { linksOf, options, effect } = request;
    this.#checkSignals(options);
    const links = linksOf(nodes());
    this.#context.checkLinks(links);
    if (effect.shaping) this.#checkRelays(links, effect.shaping);
    const direct = links.filter((link) => !this.#context.isRelayed(link));
    this.#context.check(
      nodesAmong(direct.flatMap(({ from, to }) => [from, to])),
      effect.ability,
    );
    const { shaping } = effect;
    return await this.#inject(
      { ...request, seed: shaping && seedOf(shaping) },
      (id, signal) => this.#begin({ ...request, id }, signal),
    );
  }

  /** What is relayed is streams, of which nothing can be lost, and which keep their order. */
  #checkRelays(links: readonly NetworkLink[], shaping: PacketShaping): void {
    const name = PACKETS_ONLY.find((name) => shaping[name]);
    if (name === undefined) return;
    const relayed = links.find((link) => this.#context.isRelayed(link));
    if (!relayed) return;
    const [from, to] = [relayed.from, relayed.to].map((end) => `"${nameOf(end)}"`);
    throw new MissingAbilityError({
      ability: "shape",
      backend: (relayed.to as Node).backend,
      has: ["partition"],
      reason:
        `from ${from} to ${to} the test relays streams of bytes, and ${name} is one of packets`,
      remedy: "Ask for latency, jitter or bandwidth there, or have the nodes in one network",
    });
  }

  async #change(request: MachineRequest): Promise<Fault> {
    this.#checkSignals(request.options);
    const { MachineFaults } = await import("./machine_faults.ts");
    const machines = this.#machines ??= new MachineFaults(this.#surroundings, this.#context);
    return await this.#inject(request, machines.prepare(request));
  }

  #checkSignals({ signal }: NodeCallOptions): void {
    this.#surroundings.signal.throwIfAborted();
    signal?.throwIfAborted();
  }

  /** Makes a fault by `begin`, and tells of it by an event. */
  async #inject(
    { action, options, seed }: {
      readonly action: string;
      readonly options: NodeCallOptions;
      readonly seed?: number | undefined;
    },
    begin: (id: string, signal: AbortSignal) => Promise<InjectedFault>,
  ): Promise<Fault> {
    const { signal: over, emit, nextId } = this.#surroundings;
    const signal = options.signal ? AbortSignal.any([over, options.signal]) : over;
    const id = `fault${nextId()}`;
    let proof: FaultProof | undefined;
    return await emitAfter(
      async () => {
        const fault = await begin(id, signal);
        proof = fault.proof;
        return new Fault(action, fault);
      },
      (end) =>
        emit({
          type: "fault-injected",
          fault: id,
          action,
          proof,
          ...seed !== undefined && { seed },
          ...end,
        }),
    );
  }

  /** Sidecars are launched at the same time for all faults; what these do, they do in turns. */
  async #begin(
    request: FaultRequest & Pick<FaultParts, "id">,
    signal: AbortSignal,
  ): Promise<NetworkFault> {
    const context = this.#context;
    // Most tests make no fault, and load nothing that it takes. It is loaded while sidecars are launched.
    const loading = import("./network_fault.ts");
    const links = request.linksOf(context.nodes()).filter((link) => !context.isRelayed(link));
    const droppers = nodesAmong(links.map(({ from, to }) => to === "outside" ? from : to));
    // A sidecar that cannot be launched fails the turn, unless its node is gone and not missed.
    const launched = await Promise.allSettled(
      droppers.map(async (node) => {
        await context.sidecarOf(node, signal);
        return node;
      }),
    );
    const present = launched.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
    const isOutward = links.some(({ to }) => to === "outside");
    await context.checkKernels(present, request.effect.deed({ isOutward }), signal);
    const parts: FaultParts = {
      ...request,
      context,
      others: (fault) => [...this.#active].filter((each) => each !== fault),
      onHealed: (fault) => this.#active.delete(fault),
    };
    const { NetworkFault } = await loading;
    return await context.turns.take(async () => {
      const fault = await NetworkFault.make(parts, signal);
      this.#active.add(fault);
      return fault;
    }, signal);
  }
}

/** A fault of the network that is to be made. */
type FaultRequest = Pick<FaultParts, "action" | "linksOf" | "options" | "effect">;

function nodesAmong(ends: readonly FaultEnd[]): Node[] {
  return [...new Set(ends)].filter((end) => end !== "outside");
}

function describe(side: FaultSide): string {
  if (!Array.isArray(side)) return nameOf(side as Node | "outside");
  return side.map(nameOf).join(", ");
}
