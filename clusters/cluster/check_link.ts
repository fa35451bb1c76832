import { checkPort, type Node } from "../node/mod.ts";
import { checkNodes } from "./each_node.ts";

/** Throws unless one of the nodes that a cluster has, or had, can be linked to another one of them. */
export function checkLink(
  { from, to, ports }: {
    readonly from: Node;
    readonly to: Node;
    readonly ports: readonly number[];
  },
  own: readonly Node[],
): void {
  checkLinked({ nodes: [from, to], ports }, own);
  if (from !== to) return;
  throw new TypeError(`Cannot link "${from.name}" to itself: it reaches itself at its address`);
}

/** Throws unless these are nodes that a cluster has, or had, and ports. */
export function checkLinked(
  { nodes, ports }: { readonly nodes: readonly Node[]; readonly ports: readonly number[] },
  own: readonly Node[],
): void {
  checkNodes(nodes);
  const stranger = nodes.find((node) => !own.includes(node));
  if (stranger) {
    throw new TypeError(`Cannot link node "${stranger.name}": it is one of another cluster`);
  }
  for (const port of ports) checkPort(port, 1);
}
