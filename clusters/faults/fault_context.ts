import { Deadline } from "../../agent/deadline.ts";
import type { Host } from "../../agent/host/host.ts";
import { MissingAbilityError } from "../errors.ts";
import type { Emit } from "../events/mod.ts";
import type { PacketDeed, ProvidedNode } from "../kit/mod.ts";
import { type ClusterLinks, sharedAddress } from "../links/mod.ts";
import { abilityNames, type Node } from "../node/mod.ts";
import { againIfChanged, changingNode } from "./again_if_changed.ts";
import { checkKernel } from "./check_kernel.ts";
import type { FaultLosses } from "./fault_losses.ts";
import { KnownNodes } from "./known_nodes.ts";
import type { NetworkLink } from "./network_links.ts";
import { Turns } from "./turns.ts";

/** Milliseconds in which a node answers that is neither down nor paused. */
const SOON = 1_000;

/** Nodes that are not what a fault is about, and are asked all the same: as a control. */
export const MAX_OTHERS = 2;

/** Where a node is, and who sends and takes probes there. */
export interface ProbePlace {
  readonly host: Host;
  readonly addresses: readonly string[];
}

/** Where nodes are. */
export type Survey = ReadonlyMap<Node, ProbePlace>;

/** What a cluster tells of itself to make faults. */
export interface FaultSurroundings {
  readonly nodes: () => readonly Node[];
  /** Ways between nodes. */
  readonly links: ClusterLinks;
  /** The member of a composed backend whose node it is. */
  readonly memberOf: (node: Node) => string | undefined;
  /** A node as its backend has it. */
  readonly providedOf: (node: Node) => ProvidedNode;
  readonly emit: Emit;
  readonly nextId: () => number;
  /** Aborts when the cluster is over. */
  readonly signal: AbortSignal;
}

/** The nodes of a cluster, as faults see them. */
export class FaultContext {
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly nodes: () => readonly Node[];
  readonly links: ClusterLinks;
  /** Faults are made, changed and healed one after the other: what one does would spoil the other's proof. */
  readonly turns: Turns = new Turns();
  /** The nodes that the faults which there are know of. */
  readonly known: KnownNodes = new KnownNodes();
  /** Of faults that were lost, of which no error has told yet. */
  readonly losses: Set<FaultLosses> = new Set();
  /** Whether the test was warned that nodes reach each other beside their links. */
  isWarnedOfOpenWays = false;
  readonly #surroundings: FaultSurroundings;

  constructor(surroundings: FaultSurroundings) {
    this.#surroundings = surroundings;
    this.emit = surroundings.emit;
    this.signal = surroundings.signal;
    this.nodes = surroundings.nodes;
    this.links = surroundings.links;
  }

  /** Does work on the nodes as they are: again, if it has failed while the test has changed one of them. */
  async onNodes<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const nodes = () => this.nodes().map(changingNode);
    return await againIfChanged(work, { nodes, signal });
  }

  /** Throws a `MissingAbilityError` when the packets of one of the nodes cannot be dropped. */
  check(nodes: readonly Node[], ability: "partition" | "shape"): void {
    for (const node of nodes) {
      const { abilities, launchSidecar, missing } = this.#surroundings.providedOf(node);
      if (abilities[ability]) {
        this.checkReachable(node);
        continue;
      }
      throw new MissingAbilityError({
        ability,
        backend: node.backend,
        has: abilityNames(abilities),
        reason: launchSidecar
          ? `the network of "${node.name}" is not its own`
          : `nothing can be launched beside "${node.name}", in a network of its own`,
        remedy:
          `Run this test with docker({ image }), kubernetes() or ec2(), and say so early: needs: ["${ability}"]`,
        ...missing?.[ability],
      });
    }
  }

  /**
   * Whether all that passes a link is what the test relays: its nodes share no network, or their packets
   * cannot be dropped, and the author has said of a link between them that it is to be relayed. A fault that
   * holds a link outlives it.
   */
  isRelayed({ from, to }: NetworkLink): boolean {
    if (from === "outside" || to === "outside") return false;
    const { providedOf, memberOf } = this.#surroundings;
    const hasRelay = this.links.isRelayed(from, to) || this.links.isHeld(from, to);
    if (sharedAddress(from, to) === undefined) return hasRelay || memberOf(from) !== memberOf(to);
    return hasRelay && !providedOf(to).abilities.partition;
  }

  /** Whether the packets of a link can be concerned, where they arrive or where they go outside. */
  isChangeable({ from, to }: NetworkLink, ability: "partition" | "shape"): boolean {
    const node = (to === "outside" ? from : to) as Node;
    return this.#surroundings.providedOf(node).abilities[ability] !== undefined;
  }

  /** Whether something may be relayed from one of its nodes to the other. */
  hasRelay(link: NetworkLink): boolean {
    const { from, to } = link;
    if (from === "outside" || to === "outside") return false;
    return this.isRelayed(link) || this.links.isRelayed(from, to);
  }

  /** Throws where there is a link that no fault could concern. */
  checkLinks(links: readonly NetworkLink[]): void {
    for (const { from, to } of links) {
      if (from === "outside" || to === "outside" || !this.links.isPublic(from, to)) continue;
      throw new Error(
        `Cannot change what passes between "${from.name}" and "${to.name}": there is a link by a public ` +
          "address, where nothing of the test is in between. Make it with { relay: true }",
      );
    }
  }

  /** What drops the packets of a node: from beside it, or as root of its machine. */
  async sidecarOf(node: Node, signal: AbortSignal): Promise<Host> {
    this.checkReachable(node);
    return await this.#surroundings.providedOf(node).abilities.partition!.host({ signal });
  }

  /** Throws a `MissingAbilityError` when the kernels of nodes cannot do it. Nothing is changed by that. */
  async checkKernels(
    nodes: readonly Node[],
    deed: PacketDeed,
    signal: AbortSignal,
  ): Promise<void> {
    await Promise.all(nodes.map((node) => {
      const { backend } = node;
      const { abilities } = this.#surroundings.providedOf(node);
      return checkKernel(deed, { backend, abilities, signal });
    }));
  }

  /** Throws while nothing can be changed on a node, which is paused, say. */
  checkReachable(node: Node): void {
    const { obstacle } = this.#surroundings.providedOf(node).abilities.partition ?? {};
    if (obstacle === undefined) return;
    // What was done to it stays as it is.
    throw new Error(`Cannot change the network of node "${node.name}": ${obstacle}`);
  }

  /** The port at which the test reaches a node itself, if there is one: no fault concerns it. */
  controlPortOf(node: Node): number | undefined {
    return this.#surroundings.providedOf(node).abilities.partition?.controlPort;
  }

  /** The nodes that links are about: what is outside is known by not being any of them. */
  nodesOf(links: readonly NetworkLink[]): readonly Node[] {
    const ends = links.flatMap(({ from, to }) => [from, to]);
    return ends.includes("outside") ? this.nodes() : [...new Set(ends as Node[])];
  }

  /** Finds out where nodes are, through what is beside them if they are down or paused. */
  async survey(nodes: readonly Node[], signal: AbortSignal): Promise<Survey> {
    return new Map(
      await Promise.all(nodes.map(async (node) => {
        const found = await this.#surveyed(node, signal) ??
          await placeOf(await this.sidecarOf(node, signal), signal);
        return [node, found] as const;
      })),
    );
  }

  /** The same of nodes that may be left out if they do not answer soon. */
  async surveyOthers(nodes: readonly Node[], signal: AbortSignal): Promise<Survey> {
    const found = nodes.map(async (node) => {
      const place = await this.#surveyed(node, signal);
      return place ? [[node, place] as const] : [];
    });
    return new Map((await Promise.all(found)).flat());
  }

  async #surveyed(node: Node, signal: AbortSignal): Promise<ProbePlace | undefined> {
    using deadline = new Deadline(SOON, [signal]);
    try {
      return await placeOf(this.#surroundings.providedOf(node).host, deadline.signal);
    } catch {
      signal.throwIfAborted();
      return undefined;
    }
  }
}

async function placeOf(host: Host, signal: AbortSignal): Promise<ProbePlace> {
  return { host, addresses: await host.packets.addresses({ signal }) };
}
