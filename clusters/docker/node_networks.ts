import { isNamed } from "./create_request.ts";
import type { ContainerOptions } from "./docker_options.ts";
import type { ControlNetwork } from "./control_network.ts";

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
 * two networks, so one whose agent calls has only its own.
 */
export function networksOf(
  network: string,
  options: Pick<ContainerOptions, "network" | "customize">,
  control?: ControlNetwork,
): NodeNetworks {
  const address = options.network ?? network;
  const first = control !== undefined && isNamed(address) ? control.name : address;
  // The author's hook may put the container elsewhere.
  const staysThere = first === control?.name && options.customize === undefined;
  return { first, address, isDirect: staysThere && control.isDirect };
}
