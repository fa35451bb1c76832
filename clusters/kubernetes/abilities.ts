import { type AbilityName, AGENT_ABILITIES, isPacketDeed } from "../kit/mod.ts";

/** What nodes can do only if the test needs it: it takes a container that is there from the pod's beginning. */
export const ONLY_IF_NEEDED: readonly AbilityName[] = AGENT_ABILITIES.filter(isPacketDeed);
