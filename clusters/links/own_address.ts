import type { Node } from "../node/mod.ts";

/**
 * Addresses of loopback at which nodes find each other. A node has the same one on all others where it can:
 * so what it tells of itself is true everywhere. Where two nodes that share a machine find the same peer,
 * the second of them finds it at an address of that pair alone.
 */
export class OwnAddresses {
  readonly #ofPeers = new WeakMap<Node, string>();
  readonly #ofPairs = new WeakMap<Node, WeakMap<Node, string>>();

  /** Where `from` may find `to`, best first. */
  of(from: Node, to: Node): string[] {
    return [...this.#ofPeer(from, to), this.#ofPair(from, to)];
  }

  #ofPeer(from: Node, to: Node): string[] {
    const loopback = to.networks.find(({ address }) => OWN_LOOPBACK.test(address));
    if (loopback) {
      // On another machine its address is as free as any. On its own one its services are there.
      return from.networks.some(({ id }) => id === loopback.id) ? [] : [loopback.address];
    }
    const address = this.#ofPeers.get(to) ?? randomAddress();
    this.#ofPeers.set(to, address);
    return [address];
  }

  #ofPair(from: Node, to: Node): string {
    const addresses = this.#ofPairs.get(from) ?? new WeakMap<Node, string>();
    this.#ofPairs.set(from, addresses);
    const address = addresses.get(to) ?? randomAddress();
    addresses.set(to, address);
    return address;
  }
}

/** An address that a node has on loopback for itself: others listen at 127.0.x.y, name servers and the like. */
const OWN_LOOPBACK = /^127\.[1-9]/;

/** Nodes that share a machine share its loopback: of sixteen million addresses none is met twice. */
function randomAddress(): string {
  const [second, third, last] = crypto.getRandomValues(new Uint8Array(3));
  return `127.${second! % 250 + 1}.${third! % 254 + 1}.${last! % 254 + 1}`;
}
