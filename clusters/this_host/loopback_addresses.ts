/** Whether all of 127/8 is this host itself, without any setting up: so it is on Linux. */
export const HAS_MANY_ADDRESSES: boolean = Deno.build.os === "linux";

/** Addresses that one cluster may have: the last byte is 1 to 254, the one before it counts on. */
const MAX_NODES = 254 * 254;

/**
 * Addresses of this host, one for each node, so that two nodes can listen on one port. On Linux all
 * of 127/8 is the host itself; elsewhere all nodes share 127.0.0.1.
 */
export class LoopbackAddresses {
  readonly #base: number;
  #count = 0;

  /** Begins at a random place, so that clusters of several processes do not meet. */
  constructor() {
    const [random] = crypto.getRandomValues(new Uint32Array(1));
    this.#base = random! % (250 * 254 * 254);
  }

  /** The next address. */
  next(): string {
    if (!HAS_MANY_ADDRESSES) return "127.0.0.1";
    if (this.#count >= MAX_NODES) {
      throw new RangeError(`Cannot add a node: a cluster on this host has at most ${MAX_NODES}`);
    }
    const index = this.#base + this.#count++;
    const last = index % 254 + 1;
    const third = Math.floor(index / 254) % 254 + 1;
    // 127.0.x.y is left to other programs: name servers and the like listen there.
    const second = Math.floor(index / (254 * 254)) % 250 + 1;
    return `127.${second}.${third}.${last}`;
  }
}
