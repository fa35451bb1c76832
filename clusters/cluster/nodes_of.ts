import type { Node } from "../node/mod.ts";

/**
 * As many nodes as a number says: a tuple for a literal from 0 to 64, so that each of its nodes is
 * known to be there; an array for any other number. `Counted` is the tuple that is grown: a larger one
 * would cost the type checker more than it is worth.
 */
export type NodesOf<N extends number, Counted extends Node[] = []> = N extends unknown
  ? number extends N ? Node[]
  : Counted["length"] extends N ? Counted
  : Counted["length"] extends 64 ? Node[]
  : NodesOf<N, [...Counted, Node]>
  : never;

/** A node for each entry of a list: a tuple for a tuple, an array for an array. */
export type NodeForEach<L extends readonly unknown[]> = { -readonly [K in keyof L]: Node };
