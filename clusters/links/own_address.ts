import type { Node } from "../node/mod.ts";

/**
 * Addresses of loopback, one for each pair of nodes, at which the first of them finds the other: so all
 * ports of a peer are at one address, and those of several peers do not meet.
 */
export class OwnAddresses {
  readonly #addresses = new WeakMap<Node, WeakMap<Node, string>>();

  /** Where `from` finds `to`. */
  of(from: Node, to: Node): string {
    const addresses = this.#addresses.get(from) ?? new WeakMap<Node, string>();
    this.#addresses.set(from, addresses);
    const address = addresses.get(to) ?? randomAddress();
    addresses.set(to, address);
    return address;
  }
}

/** Nodes that share a machine share its loopback: of sixteen million addresses none is met twice. */
function randomAddress(): string {
  const [second, third, last] = crypto.getRandomValues(new Uint8Array(3));
  // Name servers and the like listen at 127.0.x.y.
  return `127.${second! % 250 + 1}.${third! % 254 + 1}.${last! % 254 + 1}`;
}
