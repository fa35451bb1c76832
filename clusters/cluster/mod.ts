/**
 * The cluster of a test: what it is made with, the names of its nodes, and its end.
 *
 * @module
 */
export { Cluster, failCluster } from "./cluster.ts";
export type { ClusterOptions } from "./cluster_options.ts";
