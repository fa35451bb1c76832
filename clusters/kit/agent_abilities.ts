import type { AbilityName } from "./backend.ts";

/** What nodes can do by their agent alone, where the platform that they are on has no ability of its own. */
export const AGENT_ABILITIES: readonly AbilityName[] = [
  "kill",
  "start",
  "restart",
  "partition",
  "shape",
  "fullDisk",
];
