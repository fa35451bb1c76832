import type { ClusterLinks, GateHold } from "../links/mod.ts";
import type { Node } from "../node/mod.ts";
import type { FaultOptions } from "./fault_options.ts";
import { type Link, LinkSet } from "./links.ts";

interface HeldLink {
  readonly link: Link;
  readonly hold: GateHold;
}

/** What one fault keeps from passing through the relays of a cluster. */
export class RelayHolds implements Disposable {
  readonly #gates: ClusterLinks["gates"];
  readonly #filter: Pick<FaultOptions, "port" | "protocol">;
  #held: readonly HeldLink[] = [];

  constructor(gates: ClusterLinks["gates"], { port, protocol }: FaultOptions) {
    this.#gates = gates;
    this.#filter = { port, protocol };
  }

  /** The links that are held now, between nodes. */
  get links(): Link[] {
    return this.#held.map(({ link }) => link);
  }

  /** Holds these links, and no others. */
  set(links: readonly Link[]): void {
    const wanted = new LinkSet(links);
    const kept = this.#held.filter(({ link }) => wanted.has(link));
    const held = new LinkSet(kept.map(({ link }) => link));
    const old = this.#held.filter((each) => !kept.includes(each));
    const added = links.filter((link) => !held.has(link)).map((link) => ({
      link,
      hold: this.#gates.of(link.from as Node, link.to as Node).hold(this.#filter),
    }));
    this.#held = [...kept, ...added];
    for (const { hold } of old) hold[Symbol.dispose]();
  }

  /** How often something was kept from passing a link. */
  countOf({ from, to }: Link): number {
    const found = this.#held.find(({ link }) => link.from === from && link.to === to);
    return found?.hold.count ?? 0;
  }

  /** Lets all of it pass. */
  [Symbol.dispose](): void {
    this.set([]);
  }
}
