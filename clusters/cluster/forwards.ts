import { allOrNone, throwFailures } from "../concurrency/mod.ts";
import { AuthorCall } from "../calls/mod.ts";
import type { Forward } from "../network/mod.ts";
import type { Node } from "../node/mod.ts";

/** Which nodes the forwards are of. */
export interface ForwardsOptions {
  /** Of any cluster. @default all nodes that the cluster has now */
  readonly nodes?: readonly Node[] | undefined;
}

/** A port of this machine, under the names that clients have for its parts. */
export interface LocalEnd {
  /** `"127.0.0.1"`, as `node:net` and its clients call it. */
  readonly host: string;
  /** The same, as `Deno` calls it. */
  readonly hostname: string;
  /** The port of this machine. */
  readonly port: number;
}

/** A node, and the forward of its port. */
type NodeForward = readonly [node: Node, forward: Forward];

/**
 * Forwards of one port of several nodes, which are closed together. A clustered service tells its
 * clients the addresses of its nodes, which this machine may not reach. A client that can map addresses
 * reaches the whole service through these forwards. Iterating yields them in the order of the nodes.
 *
 * - ioredis: `new Cluster(Object.values(forwards.byAddress), { natMap: forwards.byAddress })`, and
 *   for sentinels `new Redis({ sentinels, name, natMap: forwards.byAddress })`;
 * - node-redis: `createCluster({ rootNodes, nodeAddressMap: forwards.byAddress })`;
 * - KafkaJS: `socketFactory: ({ host, port, onConnect }) => connect(forwards.translate(host, port),
 *   onConnect)`, with `connect` of `node:net`;
 * - cassandra-driver: an `AddressTranslator` whose `translate(address, port, callback)` calls back
 *   with the host and port of `forwards.translate(address, port)`, joined by a colon.
 *
 * ```ts
 * import { deepStrictEqual, strictEqual } from "node:assert/strict";
 * import { Cluster } from "@clustertest/clustertest";
 *
 * await using cluster = await Cluster.create();
 * const [one, two] = await cluster.addNodes(2);
 * await using _service = await two.listen({ port: 6379 });
 * await using forwards = await cluster.forwards(6379);
 * deepStrictEqual(Object.keys(forwards.byAddress), [`${one.address}:6379`, `${two.address}:6379`]);
 * const { hostname, port } = forwards.translate(two.address, 6379);
 * using client = await Deno.connect({ hostname, port });
 * strictEqual(port, forwards.of(two).port);
 * ```
 */
export class Forwards implements Iterable<Forward>, AsyncDisposable {
  /**
   * Maps `"<a node's address>:<port>"` to the port of this machine that leads there. An IPv6 address has
   * a key with brackets and one without, because clients write it either way.
   */
  readonly byAddress: Readonly<Record<string, LocalEnd>>;
  readonly #port: number;
  readonly #forwards: ReadonlyMap<Node, Forward>;
  #disposal: Promise<void> | undefined;

  private constructor(port: number, forwards: readonly NodeForward[]) {
    this.#port = port;
    this.#forwards = new Map(forwards);
    this.byAddress = endsByAddress(port, forwards);
  }

  /** Made by `cluster.forwards`. Opens all of them or none. */
  static async open(nodes: readonly Node[], port: number): Promise<Forwards> {
    const forwards = await allOrNone([...new Set(nodes)], {
      make: async (node): Promise<NodeForward> => [node, await node.forward(port)],
      undo: ([, forward]) => forward[Symbol.asyncDispose](),
      signals: [],
    });
    return new Forwards(port, forwards);
  }

  /** The forward of a node. Throws a `TypeError` for a node that was not asked for. */
  of(node: Node): Forward {
    const forward = this.#forwards.get(node);
    if (forward) return forward;
    throw new TypeError(
      `Cannot find the forward to port ${this.#port} of node "${node.name}": there is none among ` +
        `those to ${
          [...this.#forwards.keys()].map(({ name }) => `"${name}"`).join(", ") || "no node"
        }`,
    );
  }

  /**
   * Where to connect in place of `hostname`, which is the address or the name of a node, and `port`.
   * Anything else is returned unchanged, so that a client may have every address translated, also those
   * of this machine with which it begins.
   */
  translate(hostname: string, port: number | string): LocalEnd {
    const bare = hostname.replace(/^\[(.*)\]$/, "$1");
    const isMeant = ({ address, name }: Node) =>
      this.#port === Number(port) && [address, name].includes(bare);
    const node = [...this.#forwards.keys()].find(isMeant);
    if (node) return localEnd(this.of(node));
    return { host: hostname, hostname, port: Number(port) };
  }

  /** The forwards, in the order of the nodes. */
  [Symbol.iterator](): Iterator<Forward> {
    return this.#forwards.values();
  }

  /** Closes all of them, and resets every connection that came through them. Idempotent. */
  async [Symbol.asyncDispose](): Promise<void> {
    const call = new AuthorCall(this[Symbol.asyncDispose], { on: "forwards" });
    await call.during(() => this.#disposal ??= this.#dispose());
  }

  async #dispose(): Promise<void> {
    const closing = [...this].map((forward) => forward[Symbol.asyncDispose]());
    throwFailures(await Promise.allSettled(closing));
  }
}

function localEnd({ hostname, port }: Forward): LocalEnd {
  return { host: hostname, hostname, port };
}

/** Of nodes that share an address, the first one gets the key: the forwards of the others lead there, too. */
function endsByAddress(
  port: number,
  forwards: readonly NodeForward[],
): Readonly<Record<string, LocalEnd>> {
  const ends: Record<string, LocalEnd> = {};
  for (const [{ address }, forward] of forwards) {
    const keys = address.includes(":")
      ? [`[${address}]:${port}`, `${address}:${port}`]
      : [`${address}:${port}`];
    for (const key of keys) ends[key] ??= localEnd(forward);
  }
  return ends;
}
