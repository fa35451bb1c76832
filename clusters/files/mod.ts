/**
 * Files and trees on nodes, and their way there and back.
 *
 * @module
 */
export { NodeFile } from "./node_file.ts";
export { NodeFiles } from "./node_files.ts";
export type { DownloadUrlOptions, NodeCallOptions, NodeDownloadOptions } from "./node_files.ts";
export { publicUrl } from "./transfer_events.ts";
