/**
 * Holding a cluster as it is, so that the author of its test can look in.
 *
 * @module
 */
export { HOLD_LIMIT, holdCluster } from "./hold_cluster.ts";
export type { HeldCluster, HoldOptions } from "./hold_cluster.ts";
export { removeFreeLocks } from "./name_lock.ts";
export { lookingCommand } from "./looking_command.ts";
