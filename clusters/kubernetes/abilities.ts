import { type AbilityName, isPacketDeed } from "../kit/mod.ts";

/** What nodes in Kubernetes can do. */
export const ABILITIES: readonly AbilityName[] = [
  "kill",
  "start",
  "restart",
  "partition",
  "shape",
  "fullDisk",
];

/** What they can do only if the test needs it: it takes a container that is there from the pod's beginning. */
export const ONLY_IF_NEEDED: readonly AbilityName[] = ABILITIES.filter(isPacketDeed);
