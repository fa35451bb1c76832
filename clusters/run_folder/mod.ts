/**
 * The private folder that a run has on this machine, for as long as it has clusters that need one: who
 * owns it, what is in it, and how a sweep removes it with the processes of its run.
 *
 * @module
 */
export {
  clusterFolder,
  makeClusterFolder,
  NODE_VARIABLE,
  removeClusterFolder,
  RUN_VARIABLE,
} from "./run_folder.ts";
export { socketFolder } from "./socket_folder.ts";
export { sweepThisHost } from "./sweep.ts";
