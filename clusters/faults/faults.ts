import { AuthorCall, emitAfter } from "../calls/mod.ts";
import type { FaultProof } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import { Fault } from "./fault.ts";
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
import { type LinksOf, linksOfBlock, linksOfIsolation, linksOfPartition } from "./links.ts";

/**
 * What a test does to the network of a cluster: `cluster.faults`. Nothing of it needs a tool in a node's
 * image, or a privilege of its processes. A fault is there when its call resolves, and probes have shown
 * it; it concerns connections that are open as well as new ones, over IPv4 and IPv6. Faults add up, and
 * each is healed alone. The runner's own connections to nodes are never concerned.
 */
export class Faults {
  readonly #context: FaultContext;
  readonly #surroundings: FaultSurroundings;
  readonly #active = new Set<NetworkFault>();

  /** @ignore */
  constructor(surroundings: FaultSurroundings) {
    this.#surroundings = surroundings;
    this.#context = new FaultContext(surroundings);
  }

  /**
   * Nodes of different groups do not reach each other; those that are in no group are not concerned. A
   * group is a node, a list of nodes, or `"outside"`.
   *
   * Throws a `MissingAbilityError` where the backend's nodes have no network of their own, and a
   * {@linkcode FaultProofError} when probes do not show it; then it is undone.
   */
  async partition(groups: readonly FaultSide[], options: FaultOptions = {}): Promise<Fault> {
    const call = this.#call(this.partition, options);
    const linksOf = linksOfPartition(groups, this.#context.nodes());
    const action = `partition ${groups.map(describe).join(" from ")}`;
    return await call.during(() => this.#make({ action, linksOf, options }));
  }

  /** These nodes do not reach any other of the cluster, also those that are added later. */
  async isolate(nodes: Node | readonly Node[], options: FaultOptions = {}): Promise<Fault> {
    const call = this.#call(this.isolate, options);
    const linksOf = linksOfIsolation(nodes, this.#context.nodes());
    return await call.during(() =>
      this.#make({ action: `isolate ${describe(nodes)}`, linksOf, options })
    );
  }

  /** Nothing arrives that goes this way; what goes the other way does. */
  async block(direction: FaultDirection, options: FaultOptions = {}): Promise<Fault> {
    const call = this.#call(this.block, options);
    const linksOf = linksOfBlock(direction, this.#context.nodes());
    const action = `block ${describe(direction.from)} to ${describe(direction.to)}`;
    return await call.during(() => this.#make({ action, linksOf, options }));
  }

  /** Called once nodes were added: faults may concern them. */
  async updateAll(signal: AbortSignal): Promise<void> {
    const { turns } = this.#context;
    await turns.take(async () => {
      for (const fault of this.#active) await fault.update(signal);
    }, signal);
  }

  /** Called once a node is up again: what makes faults there may have ended when it was killed. */
  async restore(node: Node, signal: AbortSignal): Promise<void> {
    const ended = () => [...this.#active].filter((fault) => fault.hasToBeRestoredOn(node));
    if (ended().length === 0) return;
    await this.#context.turns.take(async () => {
      for (const fault of ended()) await fault.update(signal);
    }, signal);
  }

  #call(member: (...args: never) => unknown, options: FaultOptions): AuthorCall {
    checkNoNodes(options);
    const call = new AuthorCall(member, { on: "cluster.faults", options, kinds: FAULT_KINDS });
    checkFaultOptions(options);
    return call;
  }

  async #make(
    { action, linksOf, options }: { action: string; linksOf: LinksOf; options: FaultOptions },
  ): Promise<Fault> {
    const { signal: over, emit, nextId, nodes } = this.#surroundings;
    over.throwIfAborted();
    options.signal?.throwIfAborted();
    this.#context.check(nodesAmong(linksOf(nodes()).flatMap(({ from, to }) => [from, to])));
    const signal = options.signal ? AbortSignal.any([over, options.signal]) : over;
    const id = `fault${nextId()}`;
    let proof: FaultProof | undefined;
    return await emitAfter(
      async () => {
        const fault = await this.#begin({ id, action, linksOf, options }, signal);
        proof = fault.proof;
        return new Fault(fault);
      },
      (end) => emit({ type: "fault-injected", fault: id, action, proof, ...end }),
    );
  }

  /** Sidecars are launched at the same time for all faults; what these do, they do in turns. */
  async #begin(
    request: Pick<FaultParts, "id" | "action" | "linksOf" | "options">,
    signal: AbortSignal,
  ): Promise<NetworkFault> {
    const context = this.#context;
    const links = request.linksOf(context.nodes());
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
    await context.checkKernels(present, isOutward ? "outside" : "partition", signal);
    const parts: FaultParts = {
      ...request,
      context,
      others: (fault) => [...this.#active].filter((each) => each !== fault),
      onHealed: (fault) => this.#active.delete(fault),
    };
    // Most tests make no fault, and load nothing that it takes.
    const { NetworkFault } = await import("./network_fault.ts");
    return await context.turns.take(async () => {
      const fault = await NetworkFault.make(parts, signal);
      this.#active.add(fault);
      return fault;
    }, signal);
  }
}

function nodesAmong(ends: readonly FaultEnd[]): Node[] {
  return [...new Set(ends)].filter((end) => end !== "outside");
}

function describe(side: FaultSide): string {
  if (!Array.isArray(side)) return nameOf(side as Node | "outside");
  return side.map(nameOf).join(", ");
}
