/**
 * Ways from one node to a service of another one, also where they do not reach each other.
 *
 * @module
 */
export { ClusterLinks, sharedAddress } from "./cluster_links.ts";
export { Link } from "./link.ts";
export { LINK_KINDS } from "./link_options.ts";
export type { LinkOptions } from "./link_options.ts";
export type { RelayedPort } from "./relayed_port.ts";
export type { GateEffect, LinkFilter, LinkGate } from "./link_gate.ts";
export { Mesh, openMesh } from "./mesh.ts";
