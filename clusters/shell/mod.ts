/**
 * Terminals on nodes, for whoever wants to look in: where they are served, and by whom.
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
