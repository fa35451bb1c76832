/**
 * The node, as the author of a test sees it.
 *
 * @module
 */
export { Node } from "./node.ts";
export type { ConnectOptions, ListenOptions } from "./connect_options.ts";
export { checkPort } from "./check_port.ts";
