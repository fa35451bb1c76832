import type { AbilityName } from "../kit/mod.ts";

/** What nodes on Docker can do. */
export const ABILITIES: readonly AbilityName[] = [
  "kill",
  "pause",
  "start",
  "restart",
  "spawnImage",
  "partition",
  "shape",
  "cpu",
  "memory",
  "fullDisk",
];
