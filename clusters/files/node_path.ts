import type { NodeContext } from "../calls/mod.ts";

/** A place on a node. */
export interface NodePath {
  readonly context: NodeContext;
  readonly path: string;
}

/** A place, as errors and events name it. */
export function nodePathText({ context: { name }, path }: NodePath): string {
  return `${name}:${path}`;
}
