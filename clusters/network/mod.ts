/**
 * Connections between the test and what runs on nodes.
 *
 * @module
 */
export { Forward } from "./forward.ts";
export { describeTarget } from "./forwarded_port.ts";
export type { ForwardOptions } from "./forward.ts";
export { NodeConnection } from "./node_connection.ts";
export { NodeFetch } from "./node_fetch.ts";
export { NodeListener } from "./node_listener.ts";
export { listenOn } from "./listen_on.ts";
export { Relay } from "./relay.ts";
export { ReverseForward } from "./reverse_forward.ts";
export type { ReverseForwardOptions } from "./reverse_forward.ts";
