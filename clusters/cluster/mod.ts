/**
 * The cluster of a test: what it is made with, the names of its nodes, and its end.
 *
 * @module
 */
export { abilitiesOf } from "./abilities_of.ts";
export { Cluster, failCluster, insidesOf, keepCluster } from "./cluster.ts";
export type { ClusterInsides } from "./cluster.ts";
export { checkBackend, checkClusterOptions, CLUSTER_KINDS } from "./cluster_options.ts";
export { checkPermissions } from "./permissions.ts";
export type { ClusterOptions } from "./cluster_options.ts";
export type { EachContext, EachWork, ResultForEach } from "./each_node.ts";
export { Forwards } from "./forwards.ts";
export type { ForwardsOptions, LocalEnd } from "./forwards.ts";
export type { MeasureOptions } from "./author_events.ts";
export type { NodeForEach, NodesOf } from "./nodes_of.ts";
