import { isNamed } from "./create_request.ts";
import type { ContainerOptions } from "./docker_options.ts";
import type { LaunchContext } from "./launch_context.ts";

/** The networks of a container. */
export interface NodeNetworks {
  /** With which it is created, and through which its agent is reached. */
  readonly first: string;
  /** In which other nodes reach it. If it is not the first, the container joins it as well. */
  readonly address: string;
  /** Whether this machine reaches the container in the first one, without a published port. */
  readonly isDirect: boolean;
}

/**
 * The networks that a node is to be part of. An engine takes twice as long to remove a container with
 * two networks, so a node has one where this machine is part of it, and the engine reports when the node
 * leaves it.
 */
export function networksOf(
  { network, control }: LaunchContext,
  options: ContainerOptions,
): NodeNetworks {
  const isOwn = options.network === undefined && options.customize === undefined;
  if (isOwn && control?.isEverywhere) return { first: network, address: network, isDirect: true };
  const address = options.network ?? network;
  const first = control !== undefined && isNamed(address) ? control.name : address;
  // The author's hook may put the container elsewhere.
  const staysThere = first === control?.name && options.customize === undefined;
  return { first, address, isDirect: staysThere && control.isDirect };
}
