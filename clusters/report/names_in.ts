import type { FaultEvent } from "../events/mod.ts";
import { listOf } from "./event_facts.ts";

/** Those of the names of nodes that a fault concerns: it names them, or its proof does. */
export function namesIn({ action, proof }: FaultEvent, names: readonly string[]): string[] {
  const words = new Set(String(action).split(/[\s,]+/));
  for (const { from, to } of listOf<{ from: string; to: string }>(proof?.checks)) {
    words.add(from).add(to);
  }
  return names.filter((name) => words.has(name));
}
