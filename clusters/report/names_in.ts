import type { FaultCheck, FaultEvent } from "../events/mod.ts";
import { listOf } from "./event_facts.ts";

/**
 * Those of the names of nodes that a fault concerns: it names them, or they are at an end of a link on which
 * it has an effect. On the others its proof has seen that there is none.
 */
export function namesIn({ action, proof }: FaultEvent, names: readonly string[]): string[] {
  const words = new Set(String(action).split(/[\s,]+/));
  for (const { from, to, expected } of listOf<FaultCheck>(proof?.checks)) {
    if (expected !== "arrived") words.add(from).add(to);
  }
  for (const { node } of listOf<{ node: string }>(proof?.machines)) words.add(node);
  return names.filter((name) => words.has(name));
}
