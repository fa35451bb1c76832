/**
 * Terminals on nodes: which process serves them, at which socket, and how a client finds and opens one.
 *
 * @module
 */
export { chooseShellNode, listShellNodes, nodePath, ShellError } from "./find_node.ts";
export type { ShellNode } from "./find_node.ts";
export { ShellSession } from "./shell_session.ts";
export type { ShellOutcome, ShellSessionOptions } from "./shell_session.ts";
export { OfferedShells } from "./offered_shells.ts";
export type { PlaceOffer, ShellChange } from "./offered_shells.ts";
export { openPlace } from "./place_host.ts";
export { removeDeadShellSockets, removeShellSockets } from "./shell_sockets.ts";
