/**
 * Files and trees on nodes, and their way there and back.
 *
 * @module
 */
export { NodeFile } from "./node_file.ts";
export { NodeFiles } from "./node_files.ts";
export type { ChownOptions } from "./owner_of.ts";
export type { DownloadUrlOptions, NodeDownloadOptions } from "./download_options.ts";
export type { NodeCallOptions } from "../calls/mod.ts";
export { publicUrl } from "./transfer_events.ts";
