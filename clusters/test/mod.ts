/**
 * A test as a whole: its cluster, its verdict, and what is done when it has failed.
 *
 * @module
 */
export { clusterTest } from "./test_definition.ts";
export type { ClusterTestBody } from "./test_definition.ts";
export type { Keep } from "./keep.ts";
export type { ArtifactOptions, ClusterTestOptions } from "./cluster_test_options.ts";
