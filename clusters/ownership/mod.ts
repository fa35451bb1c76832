/**
 * Who owns what a run has made, and whether that owner is still alive.
 *
 * @module
 */
export { isGone } from "./process_identity.ts";
export { currentRun } from "./run.ts";
