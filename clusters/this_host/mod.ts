/**
 * What the backends share whose nodes are folders and processes of this machine.
 *
 * @module
 */
export { ThisHostBackend } from "./backend.ts";
export type { ThisHostOptions } from "./backend.ts";
export type { NodePlace } from "./node_place.ts";
export { openStoredFiles } from "./stored_files.ts";
export type { NodeMaker } from "./provider.ts";
