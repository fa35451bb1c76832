import type { Node } from "../node/mod.ts";
import {
  checkDirection,
  endsOf,
  type FaultDirection,
  type FaultEnd,
  type FaultSide,
  nameOf,
} from "./fault_options.ts";

/**
 * What packets pass from one end to another, one way; what goes back is another one. Faults concern it. (A
 * `Link` is what a test makes by `cluster.link()`: where a node finds a service of another one.)
 */
export interface NetworkLink {
  readonly from: FaultEnd;
  readonly to: FaultEnd;
}

/** The links that a fault concerns, of the nodes that a cluster has. */
export type LinksOf = (nodes: readonly Node[]) => NetworkLink[];

/** Both ways between all groups. Throws a `TypeError` when an end is in two of them. */
export function linksOfPartition(groups: readonly FaultSide[], nodes: readonly Node[]): LinksOf {
  if (!Array.isArray(groups) || groups.length < 2) {
    throw new TypeError("Cannot partition nodes: it takes a list of at least two groups");
  }
  const sides = groups.map((group) => endsOf(group, nodes));
  const all = sides.flat();
  const twice = all.find((end, i) => all.indexOf(end) !== i);
  if (twice !== undefined) {
    throw new TypeError(`Cannot partition nodes: "${nameOf(twice)}" is in two groups`);
  }
  const links = sides.flatMap((from) =>
    sides.flatMap((to) => from === to ? [] : linksBetween(from, to))
  );
  return () => links;
}

/** Both ways between these nodes and all others of the cluster, also those that come later. */
export function linksOfIsolation(side: FaultSide, nodes: readonly Node[]): LinksOf {
  if (side === "outside") {
    throw new TypeError('Cannot isolate "outside": isolate nodes from it by partition()');
  }
  const isolated = endsOf(side, nodes);
  return (nodes) => {
    const others = nodes.filter((node) => !isolated.includes(node));
    return [...linksBetween(isolated, others), ...linksBetween(others, isolated)];
  };
}

/** One way. */
export function linksOfBlock(direction: FaultDirection, nodes: readonly Node[]): LinksOf {
  checkDirection(direction);
  const { from, to } = direction;
  const links = linksBetween(endsOf(from, nodes), endsOf(to, nodes));
  if (links.length === 0) {
    throw new TypeError(
      "Cannot make a fault of one way: both sides are the same, and a node reaches itself",
    );
  }
  return () => links;
}

function linksBetween(from: readonly FaultEnd[], to: readonly FaultEnd[]): NetworkLink[] {
  return from.flatMap((one) =>
    to.filter((other) => other !== one).map((other) => ({ from: one, to: other }))
  );
}

/** Links, to be asked whether one is among them: a fault of many nodes has many. */
export class LinkSet {
  readonly #targets = new Map<FaultEnd, Set<FaultEnd>>();

  constructor(links: Iterable<NetworkLink>) {
    for (const { from, to } of links) {
      const targets = this.#targets.get(from) ?? new Set();
      this.#targets.set(from, targets.add(to));
    }
  }

  /** Whether there is one between these ends, that way. */
  has({ from, to }: NetworkLink): boolean {
    return this.#targets.get(from)?.has(to) ?? false;
  }
}
