/**
 * The groups of the conformance suite that are about what this backend does itself, and that are run each
 * time. The rest is the agent's, as on loopback: it takes minutes here, and is among the longer tests.
 */
export const OWN_GROUPS: readonly string[] = [
  "connections",
  "lives",
  "losses",
  "crashes",
  "many nodes",
  "reverse forwards",
  "abilities",
  "faults",
  "records",
];
