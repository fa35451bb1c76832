import type { NodeContext } from "../calls/mod.ts";

/** A path on a node. */
export interface NodePath {
  readonly context: NodeContext;
  readonly path: string;
}

/** The path with the name of its node, as errors and events have it. */
export function nodePathText({ context: { name }, path }: NodePath): string {
  return `${name}:${path}`;
}
