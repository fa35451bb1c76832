import type { PacketShaping } from "../../agent/host/host.ts";
import type { ClusterLinks, GateEffect } from "../links/mod.ts";
import type { Node } from "../node/mod.ts";
import type { FaultOptions } from "./fault_options.ts";
import { LinkSet, type NetworkLink } from "./network_links.ts";

interface RelayedLink {
  readonly link: NetworkLink;
  readonly effect: GateEffect;
}

/** What one fault does to what passes through the relays of a cluster. */
export interface RelayFault extends Pick<FaultOptions, "port" | "protocol"> {
  /** What it is shaped to. @default it is held */
  readonly shaping?: PacketShaping | undefined;
}

/** The links that one fault concerns, of those that the test relays. */
export class RelayEffects implements Disposable {
  readonly #gates: ClusterLinks["gates"];
  readonly #fault: RelayFault;
  #relayed: readonly RelayedLink[] = [];

  constructor(gates: ClusterLinks["gates"], { port, protocol, shaping }: RelayFault) {
    this.#gates = gates;
    this.#fault = { port, protocol, shaping };
  }

  /** The links that are concerned now, between nodes. */
  get links(): NetworkLink[] {
    return this.#relayed.map(({ link }) => link);
  }

  /** Concerns these links, and no others. */
  set(links: readonly NetworkLink[]): void {
    const wanted = new LinkSet(links);
    const kept = this.#relayed.filter(({ link }) => wanted.has(link));
    const before = new LinkSet(kept.map(({ link }) => link));
    const old = this.#relayed.filter((each) => !kept.includes(each));
    const added = links.filter((link) => !before.has(link)).map((link) => ({
      link,
      effect: this.#begin(link),
    }));
    this.#relayed = [...kept, ...added];
    for (const { effect } of old) effect[Symbol.dispose]();
  }

  /** How often something that passed a link was concerned. */
  countOf({ from, to }: NetworkLink): number {
    const found = this.#relayed.find(({ link }) => link.from === from && link.to === to);
    return found?.effect.count ?? 0;
  }

  /** Lets all of it pass. */
  [Symbol.dispose](): void {
    this.set([]);
  }

  #begin({ from, to }: NetworkLink): GateEffect {
    const { shaping, ...filter } = this.#fault;
    const gate = this.#gates.of(from as Node, to as Node);
    return shaping ? gate.shape(filter, shaping) : gate.hold(filter);
  }
}
