import type { NodeContext } from "../calls/mod.ts";

/** A place on a node. */
export interface NodePlace {
  readonly context: NodeContext;
  readonly path: string;
}

/** A place, as errors and events name it. */
export function placeName({ context: { name }, path }: NodePlace): string {
  return `${name}:${path}`;
}
