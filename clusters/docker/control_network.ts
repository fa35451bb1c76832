import { BlockList } from "node:net";
import { hostname, networkInterfaces } from "node:os";
import type { Engine } from "./engine/engine.ts";
import { orMissing } from "./engine/engine_error.ts";
import { engineTraits } from "./engine/engine_traits.ts";
import { networksOfThisContainer } from "./own_container.ts";

/** The engine's default network. */
export const BRIDGE = "bridge";

/**
 * The network through which agents are reached that listen, so that nothing which a test does to the
 * network of its nodes cuts them off.
 */
export interface ControlNetwork {
  readonly name: string;
  /**
   * Whether this program is part of it. Then containers are reached at their own addresses: the
   * engine starts no proxy for a published port, through which every byte would be copied twice more.
   */
  readonly isDirect: boolean;
}

/** What is asked of an engine about it. */
interface NetworkAddresses {
  readonly IPAM?: {
    readonly Config?: readonly { readonly Gateway?: string; readonly Subnet?: string }[] | null;
  } | null;
}

/**
 * The default network of an engine, which may have none; or, for a program that is in a container of the
 * engine's, one that it is in.
 */
export async function findControlNetwork(
  engine: Engine,
  signal: AbortSignal,
): Promise<ControlNetwork | undefined> {
  const network = await orMissing(engine.call<NetworkAddresses>({
    what: `look for the network "${BRIDGE}"`,
    method: "GET",
    path: `/networks/${BRIDGE}`,
    signal,
  }));
  if (network && includesThisMachine(network) && await runsHere(engine, signal)) {
    return { name: BRIDGE, isDirect: true };
  }
  const own = await networksOfThisContainer(engine, signal);
  // In the default network names do not resolve, so that being in it as well changes least for nodes.
  const name = own.includes(BRIDGE) ? BRIDGE : own[0];
  if (name !== undefined) return { name, isDirect: true };
  return network && { name: BRIDGE, isDirect: false };
}

/** Whether an engine is a program of this machine, rather than of a virtual one on it. */
async function runsHere(engine: Engine, signal: AbortSignal): Promise<boolean> {
  if (Deno.build.os !== "linux" || engine.endpoint.kind !== "unix") return false;
  const { Name, SecurityOptions } = await engineTraits(engine, signal);
  // One without root has a network of its own, in which this machine has no part.
  return Name === hostname() && !SecurityOptions?.includes("name=rootless");
}

/**
 * Whether the gateway has an address of this machine. An engine that has just begun does not say which
 * that is: then it is one of the network's.
 */
function includesThisMachine({ IPAM }: NetworkAddresses): boolean {
  const gateways = new BlockList();
  for (const { Gateway, Subnet = "" } of IPAM?.Config ?? []) {
    const [network, prefix] = Subnet.split("/");
    if (Gateway) gateways.addAddress(Gateway, familyOf(Gateway));
    else if (network) gateways.addSubnet(network, Number(prefix), familyOf(network));
  }
  const addresses = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  return addresses.some(({ address }) => gateways.check(address, familyOf(address)));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}
