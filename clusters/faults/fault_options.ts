import type { PacketProtocol } from "../../agent/host/host.ts";
import type { NodeCallOptions } from "../calls/mod.ts";
import { checkPort, Node } from "../node/mod.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";

export type { PacketProtocol };

/**
 * One side of a fault: a node, several of them, or `"outside"`, which is everything that is no node of
 * the cluster.
 */
export type FaultSide = Node | readonly Node[] | "outside";

/** One way between two sides. */
export interface FaultDirection {
  /** Where packets come from. */
  readonly from: FaultSide;
  /** Where they do not arrive. */
  readonly to: FaultSide;
}

/** Which packets a fault concerns, and whether it is shown. */
export interface FaultOptions extends NodeCallOptions {
  /** Packets that have this port, of TCP or UDP, at the one end or at the other. @default all */
  readonly port?: number | undefined;
  /** Packets of this protocol. `"icmp"` is that of IPv6 as well. @default all */
  readonly protocol?: PacketProtocol | undefined;
  /**
   * Show by probes that the fault is there, and later that it is gone. Otherwise it is as the kernel says.
   * @default true
   */
  readonly proof?: boolean | undefined;
}

/** Of all faults of the network. */
export const FAULT_KINDS: OptionKinds<FaultOptions> = {
  signal: kinds.signal,
  port: kinds.number(),
  protocol: kinds.oneOf("tcp", "udp", "icmp"),
  proof: kinds.flag,
};

/** Throws when these cannot be together. */
export function checkFaultOptions({ port, protocol }: FaultOptions): void {
  if (port === undefined) return;
  checkPort(port, 1);
  if (protocol === "icmp") {
    throw new TypeError("Cannot make a fault of a port and of ICMP: ICMP has no ports");
  }
}

/** Throws a `TypeError` when nodes are where options belong, as in `partition(a, b)`. */
export function checkNoNodes(options: unknown): void {
  if (!(options instanceof Node) && !Array.isArray(options)) return;
  throw new TypeError(
    "Cannot make a fault: nodes are its first argument alone, as in partition([a, [b, c]]), " +
      "isolate([a, b]), or block({ from: a, to: [b, c] })",
  );
}

/** Throws a `TypeError` unless it has two sides, and nothing else: an option would be lost there. */
export function checkDirection(direction: FaultDirection): void {
  const names = Object.keys(Object(direction));
  if (!names.includes("from") || !names.includes("to")) {
    throw new TypeError(
      "Cannot make a fault of one way: its first argument has to be { from, to }",
    );
  }
  const other = names.find((name) => name !== "from" && name !== "to");
  if (other === undefined) return;
  throw new TypeError(
    `Cannot make a fault of one way: "${other}" belongs into the second argument, as in ` +
      `block({ from, to }, { ${other}: … })`,
  );
}

/** One end of a link. */
export type FaultEnd = Node | "outside";

/** The ends that a side names. Throws a `TypeError` unless they are nodes of this cluster. */
export function endsOf(side: FaultSide, nodes: readonly Node[]): FaultEnd[] {
  const ends = Array.isArray(side) ? side : [side];
  for (const end of ends) {
    if (end === "outside" && !Array.isArray(side)) continue;
    if (end === "outside") {
      throw new TypeError(
        'Cannot make a fault of "outside" and others: it is no node, and has to be a side alone',
      );
    }
    checkNode(end, { nodes, others: ', nor "outside"' });
  }
  if (ends.length === 0) throw new TypeError("Cannot make a fault: one of its sides has no nodes");
  return [...new Set(ends)];
}

/** What a fault may be of. */
interface Nameable {
  /** The nodes of the cluster. */
  readonly nodes: readonly Node[];
  /** What else there may be, as errors say it. @default nothing */
  readonly others?: string;
}

/** Throws a `TypeError` unless it is a node of this cluster. */
export function checkNode(node: unknown, { nodes, others = "" }: Nameable): asserts node is Node {
  if (!(node instanceof Node)) {
    const remedy = typeof node === "string" ? "; pass the node itself, not its name" : "";
    throw new TypeError(`Cannot make a fault of ${seen(node)}: it is no node${others}${remedy}`);
  }
  if (nodes.includes(node)) return;
  const why = node.signal.aborted ? `: ${node.signal.reason.message}` : "";
  throw new TypeError(
    `Cannot make a fault of node "${node.name}": its cluster does not have it now${why}`,
    { cause: node.signal.reason },
  );
}

/** What was given, as errors show it: in one line. */
export function seen(value: unknown): string {
  if (value instanceof Node) return `node "${value.name}"`;
  return Deno.inspect(value, { depth: 0, breakLength: Infinity, strAbbreviateSize: 80 });
}

/** As errors and events name it. */
export function nameOf(end: FaultEnd): string {
  return end === "outside" ? end : end.name;
}
