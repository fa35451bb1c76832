import { type AbilityName, AGENT_ABILITIES } from "../kit/mod.ts";

/** What nodes on Docker can do. */
export const ABILITIES: readonly AbilityName[] = [
  ...AGENT_ABILITIES,
  "pause",
  "spawnImage",
  "cpu",
  "memory",
];
