import { UntilDone } from "../../agent/until_done.ts";
import type { PacketHold, PacketShaping } from "../../agent/host/host.ts";
import { allOrNone, throwFailures } from "../concurrency/mod.ts";
import type { FaultProof } from "../events/mod.ts";
import { insidesOf, type Node } from "../node/mod.ts";
import type { FaultContext } from "./fault_context.ts";
import type { FaultEnd, FaultOptions } from "./fault_options.ts";
import type { FaultEffect } from "./fault_effect.ts";
import { FaultLosses } from "./fault_losses.ts";
import { healing } from "./healing.ts";
import { type NodeRules, rulesOf } from "./link_rules.ts";
import { LinkSet, type LinksOf, type NetworkLink } from "./network_links.ts";
import { NetworkProof } from "./network_proof.ts";
import { RelayEffects } from "./relay_effects.ts";

/** What a fault is made of. */
export interface FaultParts {
  readonly id: string;
  /** Completes "Cannot …". */
  readonly action: string;
  readonly linksOf: LinksOf;
  readonly effect: FaultEffect;
  readonly options: FaultOptions;
  readonly context: FaultContext;
  /** Those that there are beside this one. */
  readonly others: (fault: NetworkFault) => readonly NetworkFault[];
  /** Called once it is healed. */
  readonly onHealed: (fault: NetworkFault) => void;
}

/** What a node does to packets for a fault. */
interface NodeHold extends NodeRules {
  readonly hold: PacketHold;
}

/**
 * What nodes of a cluster do to packets: how that is begun, kept up as nodes come and go, proved, and ended.
 * All of it is done in the turns of the context.
 */
export class NetworkFault {
  readonly #parts: FaultParts;
  #holds: readonly NodeHold[] = [];
  /** What the test relays, and this fault concerns. */
  readonly #relays: RelayEffects;
  readonly #shown: NetworkProof;
  #proof: FaultProof | undefined;
  /** Ends of links whose ways beside these were looked for. */
  #lookedAt: ReadonlySet<FaultEnd> = new Set();
  /** Nodes on which it has ended because they were killed: it comes back with them. */
  readonly #killedOn = new Set<Node>();
  /** Nodes on which it has ended by itself. */
  readonly #losses: FaultLosses;
  readonly #removal = new UntilDone(() => this.#remove());

  private constructor(parts: FaultParts) {
    this.#parts = parts;
    this.#shown = new NetworkProof(this, parts);
    this.#losses = new FaultLosses(parts);
    const { context: { links }, options, effect: { shaping } } = parts;
    this.#relays = new RelayEffects(links.gates, { ...options, shaping });
  }

  /** Begins it, in its turn. Rejects, with nothing left of it, when it cannot be made or shown. */
  static async make(parts: FaultParts, signal: AbortSignal): Promise<NetworkFault> {
    const fault = new NetworkFault(parts);
    try {
      await parts.context.onNodes(() => fault.#update(fault.#wantedLinks(), signal), signal);
      if (parts.options.proof !== false) await fault.#prove(signal);
      fault.#losses.throwIfAny();
      return fault;
    } catch (error) {
      fault.takeLoss();
      await fault.#removal.run().catch(() => {});
      throw error;
    }
  }

  /** What probes have shown; `undefined` with `proof: false`. */
  get proof(): FaultProof | undefined {
    return this.#proof;
  }

  /** Whether packets pass again, as far as this fault is concerned. */
  get isHealed(): boolean {
    return this.#removal.hasBegun;
  }

  /** An error that says, once, where it has ended by itself. */
  takeLoss(): Error | undefined {
    return this.#losses.take();
  }

  /** The links that it concerns now. A link may have several rules, all of which are of one node. */
  get links(): readonly NetworkLink[] {
    if (this.isHealed) return [];
    const direct = new Set(this.#holds.flatMap(({ rules }) => rules.map(({ link }) => link)));
    const relayed = this.#relays.links.filter((link) => this.#parts.context.isRelayed(link));
    return [...direct, ...relayed];
  }

  /** Sees to it, in its turn, that nodes which have come meanwhile are concerned as well. */
  async update(signal: AbortSignal): Promise<void> {
    const { linksOf, context } = this.#parts;
    await context.onNodes(async () => {
      const all = linksOf(context.nodes()).filter(isPresent);
      // Where neither packets nor a relay can be concerned yet, links are as soon as they are there.
      await this.#update(
        all.filter((link) => context.hasRelay(link) || this.#isChangeable(link)),
        signal,
      );
      await this.#lookBeside(all, signal);
    }, signal);
  }

  #isChangeable(link: NetworkLink): boolean {
    return this.#parts.context.isChangeable(link, this.#parts.effect.ability);
  }

  /** Names the ways that nodes which were added have beside what is relayed. */
  async #lookBeside(all: readonly NetworkLink[], signal: AbortSignal): Promise<void> {
    const { context, options } = this.#parts;
    if (options.proof === false) return;
    const before = this.#lookedAt;
    const added = all.filter(({ from, to }) => !before.has(from) || !before.has(to));
    this.#lookedAt = endsOf(all);
    const unseen = added.filter((link) => context.isRelayed(link) || !this.#isChangeable(link));
    if (unseen.length === 0) return;
    const open = await this.#shown.openBeside(unseen, signal);
    if (open.length === 0 || !this.#proof) return;
    this.#proof = { ...this.#proof, open: [...this.#proof.open ?? [], ...open] };
  }

  /** Whether it has ended on a node because that was killed. */
  hasToBeRestoredOn(node: Node): boolean {
    return !this.isHealed && this.#killedOn.has(node);
  }

  /** How many packets of a link it has dropped; none once it is healed. */
  async dropped(link: NetworkLink): Promise<number> {
    return this.shaping ? 0 : await this.concerned(link);
  }

  /** What it shapes packets to; `undefined` if it drops them. */
  get shaping(): PacketShaping | undefined {
    return this.#parts.effect.shaping;
  }

  /** Which packets of its links it concerns. */
  get filter(): Pick<FaultOptions, "port" | "protocol"> {
    const { port, protocol } = this.#parts.options;
    return { port, protocol };
  }

  /** What is done on each of the nodes. */
  get holds(): ReadonlyMap<Node, PacketHold> {
    return new Map(this.#holds.map(({ node, hold }) => [node, hold]));
  }

  /** How many packets of a link it has concerned; none once it is healed. */
  async concerned(link: NetworkLink): Promise<number> {
    if (this.isHealed) return 0;
    const asked = new LinkSet([link]);
    const ofLink = this.#holds.filter(({ rules }) => rules.some(({ link }) => asked.has(link)));
    const counts = await Promise.all(ofLink.map(async ({ hold, rules }) => {
      const counts = await hold.counts();
      return counts.filter((_, i) => asked.has(rules[i]!.link));
    }));
    return sum(counts.flat());
  }

  /** How much of what is relayed on a link it has concerned. */
  relayedOf(link: NetworkLink): number {
    return this.#relays.countOf(link);
  }

  /** Ends it, and proves that packets pass again. Idempotent. */
  async heal(signal?: AbortSignal): Promise<void> {
    await this.#parts.context.turns.take(() => this.#heal(signal), signal);
  }

  async #heal(signal?: AbortSignal): Promise<void> {
    if (this.isHealed) return await this.#removal.run();
    const { context } = this.#parts;
    const links = this.links;
    const relayed = new LinkSet(links.filter((link) => context.isRelayed(link)));
    await healing(this.#parts, async () => {
      for (const { node } of this.#holds) {
        if (!isGone(node)) context.checkReachable(node);
      }
      await this.#removal.run();
      await this.#losses.settle();
      const { proof } = this.#parts.options;
      if (proof === false) return undefined;
      // Of a link that was closed meanwhile, there is nothing that could pass again.
      const left = links.filter((link) => !relayed.has(link) || context.isRelayed(link));
      return await this.#proveHealed(left, signal);
    });
  }

  /** Replaces what nodes do where that has changed. */
  async #update(all: readonly NetworkLink[], signal: AbortSignal): Promise<void> {
    const { context, options, effect } = this.#parts;
    this.#relays.set(all.filter((link) => context.hasRelay(link)));
    const links = all.filter((link) => !context.isRelayed(link));
    const survey = await context.survey(context.nodesOf(links), signal);
    const wanted = rulesOf(links, { options, survey, areNumbered: effect.shaping !== undefined })
      .filter(({ node }) => !this.#losses.has(node));
    const isKept = (one: NodeRules, other: NodeRules) =>
      one.node === other.node &&
      JSON.stringify(rulesOnly(one)) === JSON.stringify(rulesOnly(other));
    const kept = this.#holds.filter((hold) => wanted.some((each) => isKept(hold, each)));
    const missing = wanted.filter((each) => !kept.some((hold) => isKept(hold, each)));
    const made = await allOrNone(missing, {
      make: async (each, signal): Promise<NodeHold> => {
        const { packets } = await context.sidecarOf(each.node, signal);
        const rules = each.rules.map(({ rule }) => rule);
        const sparedPort = context.controlPortOf(each.node);
        const hold = await effect.begin(packets, rules, { sparedPort, signal });
        this.#killedOn.delete(each.node);
        hold.lost.then((error) => this.#lose(each.node, error));
        return { ...each, hold };
      },
      undo: async ({ hold }) => await hold[Symbol.asyncDispose](),
      signals: [signal],
    });
    const old = this.#holds.filter((hold) => !kept.includes(hold));
    this.#holds = [...kept, ...made].filter(({ node }) =>
      !this.#losses.has(node) && !this.#killedOn.has(node)
    );
    await closeAll(old);
  }

  /** What does it on a node has ended: whatever the test does now, it does without the fault there. */
  #lose(node: Node, error: Error): void {
    const { context } = this.#parts;
    if (this.isHealed || context.signal.aborted || isGone(node)) return;
    if (insidesOf(node).isDown) return this.#loseWithNode(node);
    this.#holds = this.#holds.filter((hold) => hold.node !== node);
    this.#losses.add(node, error);
  }

  /** What does it on a node has ended with what ran there. Nothing arrives there until it is up again. */
  #loseWithNode(node: Node): void {
    this.#killedOn.add(node);
    this.#holds = this.#holds.filter((hold) => hold.node !== node);
  }

  async #remove(): Promise<void> {
    this.#relays[Symbol.dispose]();
    await closeAll(this.#holds);
    this.#parts.onHealed(this);
  }

  /** Throws when one of the nodes that it was to concern is gone. */
  #wantedLinks(): NetworkLink[] {
    const { linksOf, context } = this.#parts;
    const links = linksOf(context.nodes());
    for (const end of links.flatMap(({ from, to }) => [from, to])) {
      if (end !== "outside") end.signal.throwIfAborted();
    }
    return links;
  }

  async #prove(signal: AbortSignal): Promise<void> {
    await this.#parts.context.onNodes(async () => {
      this.#lookedAt = endsOf(this.#wantedLinks());
      this.#proof = await this.#shown.there(this.links, signal);
    }, signal);
  }

  /** Of nodes that are gone meanwhile, nothing is to be shown. */
  async #proveHealed(
    links: readonly NetworkLink[],
    signal?: AbortSignal,
  ): Promise<FaultProof | undefined> {
    const { context } = this.#parts;
    if (context.signal.aborted) return undefined;
    const either = signal ? AbortSignal.any([context.signal, signal]) : context.signal;
    return await context.onNodes(() => this.#shown.healed(links, either), either);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function endsOf(links: readonly NetworkLink[]): Set<FaultEnd> {
  return new Set(links.flatMap(({ from, to }) => [from, to]));
}

function rulesOnly({ rules }: NodeRules): unknown {
  return rules.map(({ rule }) => rule);
}

/** What a node does is gone with the node. */
async function closeAll(holds: readonly NodeHold[]): Promise<void> {
  throwFailures(
    await Promise.allSettled(holds.map(async ({ node, hold }) => {
      try {
        await hold[Symbol.asyncDispose]();
      } catch (error) {
        if (!isGone(node)) throw error;
      }
    })),
  );
}

function isPresent({ from, to }: NetworkLink): boolean {
  return [from, to].every((end) => end === "outside" || !isGone(end));
}

function isGone({ signal }: Node): boolean {
  return signal.aborted;
}
