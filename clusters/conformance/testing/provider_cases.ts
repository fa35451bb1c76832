/**
 * Cases that are about what a provider does itself, and what is between it and its cluster: launches, names,
 * abilities, kills, faults, links, and what is given back. They are tried on a backend alone whose suite runs
 * through a composition, of which it is the first member: the same nodes, by the same code.
 */
export const PROVIDER_CASES: readonly string[] = [
  "options that no call has are refused by their names, before anything is started",
  "a node says what it is",
  "nodes have addresses of their own",
  "a node can do at least what its cluster says, and what it cannot is an error",
  "a node may be paused twice, and resumed though it was not paused; events tell of each",
  "start() gives a node back with its name, its address and its files",
  "nothing that ran on a node survives a kill, and what is started anew has its environment",
  "addNodes() of a list adds none if one of them cannot be, and asks for none",
  "addNodes() of a list gives back all of them when its signal aborts",
  "disposing of a cluster gives back nodes that are still being made",
  "a cluster is not made when its signal aborts meanwhile",
  "faults are events, with what was asked and what was shown",
  "faults throw a MissingAbilityError on a backend whose nodes cannot be partitioned",
  "what link() relays arrives on both ways, and each ends alone",
  "a partition holds what is relayed between nodes, and lets it go on when it heals",
];
