/**
 * Who owns what a run has made, and whether that owner is still alive.
 *
 * @module
 */
export { causeOfDeath, describeRun } from "./cause_of_death.ts";
export { ownerLabels, readOwnerLabels } from "./owner_labels.ts";
export type { OwnerLabelOptions, OwnerLabels, Ownership } from "./owner_labels.ts";
export { makePrivate, makePrivateFolder, privateFolder, privateFolders } from "./private_folder.ts";
export { isGone, stateOf } from "./process_identity.ts";
export { currentRun, isRunId } from "./current_run.ts";
