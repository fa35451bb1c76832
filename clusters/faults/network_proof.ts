import type { FaultProof, OpenWay } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import { MAX_OTHERS } from "./fault_context.ts";
import type { FaultEnd } from "./fault_options.ts";
import { FaultProofError, isProof } from "./fault_proof.ts";
import { LinkSet, type NetworkLink } from "./network_links.ts";
import type { FaultParts, NetworkFault } from "./network_fault.ts";
import {
  type LinkDeed,
  named,
  openRemedy,
  openWays,
  type PossibleWay,
  warnOf,
  withOpenWays,
} from "./open_ways.ts";
import { type Cut, proveHealed } from "./prove_cut.ts";
import { joinedProofs, type RelayCut, relaysHealed } from "./prove_relays.ts";

/** What proves it of links that packets pass, and of those of which all is relayed. */
type Provers = Record<"direct" | "relayed", (links: readonly NetworkLink[]) => Promise<FaultProof>>;

/** Shows that a fault of the network is there, or gone, with the faults that there are beside it. */
export class NetworkProof {
  readonly #fault: NetworkFault;
  readonly #parts: FaultParts;

  constructor(fault: NetworkFault, parts: FaultParts) {
    this.#fault = fault;
    this.#parts = parts;
  }

  /** Resolves to what shows that the fault is there; throws a {@linkcode FaultProofError} if it is not. */
  async there(links: readonly NetworkLink[], signal: AbortSignal): Promise<FaultProof> {
    const { action, effect } = this.#parts;
    const proof = await this.#proofOf(links, {
      direct: async (links) => await effect.prove(await this.#cut(links, signal)),
      relayed: (links) => effect.proveRelayed(this.#relayCut(links, signal)),
    });
    return await this.#withOpenWays(shown(action, proof), links, signal);
  }

  /** Fails where nodes reach each other by themselves, and no link is there that was cut. */
  async #withOpenWays(
    proof: FaultProof,
    links: readonly NetworkLink[],
    signal: AbortSignal,
  ): Promise<FaultProof> {
    const { context, action } = this.#parts;
    const about = { context, deed: this.#deed };
    const relayed = links.filter((link) => isPresent(link) && context.isRelayed(link));
    const all = withOpenWays(proof, await this.#openWays(relayed, signal), about);
    if (!isProof(all)) throw new FaultProofError(action, all, { remedy: openRemedy(about.deed) });
    warnOf(all.open ?? [], about);
    return all;
  }

  /**
   * Resolves to the ways that nodes have to each other beside links which the fault has come to concern, since
   * nodes were added. It warns of them: nodes that were not there before have no links yet.
   */
  async openBeside(links: readonly NetworkLink[], signal: AbortSignal): Promise<OpenWay[]> {
    const { context } = this.#parts;
    const open = (await this.#openWays(links.filter(isPresent), signal)).map(named);
    warnOf(open, { context, deed: this.#deed });
    return open;
  }

  get #deed(): LinkDeed {
    return this.#parts.effect.shaping ? "shape" : "cut";
  }

  /** Those that no other fault shapes, if this one is a shape. What is cut is not open. */
  async #openWays(links: readonly NetworkLink[], signal: AbortSignal): Promise<PossibleWay[]> {
    const open = await openWays(links, signal);
    return this.#deed === "shape" ? open.filter((way) => !this.#isShapedOutside(way)) : open;
  }

  /** Whether all is shaped that one of its nodes sends to this machine, or gets from there. */
  #isShapedOutside(way: PossibleWay): boolean {
    const isEnd = (end: FaultEnd) => end === way.from || end === way.to;
    return this.#parts.others(this.#fault).some(({ shaping, links, filter }) =>
      shaping !== undefined && filter.port === undefined && (filter.protocol ?? "tcp") === "tcp" &&
      links.some(({ from, to }) =>
        from === "outside" && isEnd(to) || to === "outside" && isEnd(from)
      )
    );
  }

  /** The same of its end. */
  async healed(links: readonly NetworkLink[], signal: AbortSignal): Promise<FaultProof> {
    const proof = await this.#proofOf(links, {
      direct: async (links) => await proveHealed(await this.#cut(links, signal)),
      relayed: (links) => relaysHealed(this.#relayCut(links, signal)),
    });
    return shown(`heal what was done to ${this.#parts.action}`, proof);
  }

  /** Proves one thing of links whose packets are dropped, and another of those of which all is relayed. */
  async #proofOf(
    links: readonly NetworkLink[],
    prove: Provers,
  ): Promise<FaultProof> {
    const { context } = this.#parts;
    const { direct = [], relayed = [] } = Object.groupBy(
      links.filter(isPresent),
      (link) => context.isRelayed(link) ? "relayed" : "direct",
    );
    if (relayed.length === 0) return await prove.direct(direct);
    const proof = await prove.relayed(relayed);
    return direct.length === 0 ? proof : joinedProofs(await prove.direct(direct), proof);
  }

  #relayCut(links: readonly NetworkLink[], signal: AbortSignal): RelayCut {
    const { context, options } = this.#parts;
    const elsewhere = new LinkSet(this.#parts.others(this.#fault).flatMap((each) => each.links));
    const ours = new LinkSet(links);
    // A connection needs both ways.
    const ways = (
      { from, to }: NetworkLink,
    ): NetworkLink[] => [{ from, to }, { from: to, to: from }];
    return {
      links,
      isFree: (link) => ways(link).every((way) => !elsewhere.has(way)),
      isOurs: (link) => ways(link).some((way) => ours.has(way)),
      concernedOf: (link) => this.#fault.relayedOf(link),
      faults: [this.#fault, ...this.#parts.others(this.#fault)],
      ...{ options, context, signal },
    };
  }

  async #cut(links: readonly NetworkLink[], signal: AbortSignal): Promise<Cut> {
    const { context, options } = this.#parts;
    const beside = this.#parts.others(this.#fault);
    const cutElsewhere = new LinkSet(beside.flatMap((each) => each.links));
    // What other faults do to a node that is being added is not known before they are updated to it.
    const isCutElsewhere = (link: NetworkLink) =>
      cutElsewhere.has(link) || (beside.length > 0 && !context.known.hasEndsOf(link));
    const ours = new LinkSet(links);
    const concerned = context.nodesOf(links);
    const others = context.nodes().filter((node) => !concerned.includes(node));
    const survey = new Map([
      ...await context.survey(concerned, signal),
      ...await context.surveyOthers(others.slice(0, MAX_OTHERS), signal),
    ]);
    return {
      links,
      controls: linksAmong([...survey.keys()]).filter((link) =>
        !ours.has(link) && !isCutElsewhere(link) && !context.isRelayed(link)
      ),
      isCutElsewhere,
      options,
      survey,
      dropped: async (link) => {
        return sum(await Promise.all([this.#fault, ...beside].map((each) => each.dropped(link))));
      },
      concerned: (link) => this.#fault.concerned(link),
      faults: [this.#fault, ...beside],
      holds: this.#fault.holds,
      packetsOf: async (node) => (await context.sidecarOf(node, signal)).packets,
      signal,
    };
  }
}

function shown(action: string, proof: FaultProof): FaultProof {
  if (!isProof(proof)) throw new FaultProofError(action, proof);
  return proof;
}

function isPresent({ from, to }: NetworkLink): boolean {
  return [from, to].every((end) => end === "outside" || !end.signal.aborted);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

function linksAmong(nodes: readonly Node[]): NetworkLink[] {
  return nodes.flatMap((from) => nodes.flatMap((to) => from === to ? [] : [{ from, to }]));
}
