/**
 * The node, as the author of a test sees it.
 *
 * @module
 */
export { ABILITY_NAMES, abilityNames } from "./ability_names.ts";
export { insidesOf, Node } from "./node.ts";
export type { NodeInsides } from "./node.ts";
export { NodeConnections } from "./node_connections.ts";
export type { ConnectOptions, ListenOptions } from "./connect_options.ts";
export type { HostSample, ProcessSample } from "../../agent/host/host.ts";
export { checkPort } from "./check_port.ts";
export { UnhealthyError } from "./unhealthy_error.ts";
export type { Unhealthy } from "./unhealthy_error.ts";
export type { SpawnImageOptions } from "./spawn_image.ts";
export type { WaitForHttpOptions } from "./wait_for_http.ts";
export type { WaitForPortOptions } from "./wait_for_port.ts";
export type { WaitOptions } from "./wait_for_service.ts";
