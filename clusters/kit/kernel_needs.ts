import type { CallOptions, Host, MissingPart } from "../../agent/host/host.ts";
import { SharedWork } from "../concurrency/mod.ts";

/**
 * What a test does to packets: keeps them from nodes, keeps them from leaving to outside, shapes them, or
 * also copies them.
 */
export type PacketDeed = "partition" | "outside" | "shape" | "duplicate";

/** What of a kernel each takes. */
const PARTS: Readonly<Record<PacketDeed, readonly MissingPart["part"][]>> = {
  partition: ["privilege", "tables", "owners"],
  outside: ["privilege", "tables", "owners", "queueTarget"],
  shape: ["privilege", "tables", "owners", "queueTarget", "queues"],
  duplicate: ["privilege", "tables", "owners", "queueTarget", "queues", "copies"],
};

/** Whether an ability is one that depends on a kernel. */
export function isPacketDeed(ability: string): ability is PacketDeed {
  return Object.hasOwn(PARTS, ability);
}

/** What is in the way of a deed, of all that a kernel lacks; `undefined` if nothing is. */
export function obstacleTo(
  deed: PacketDeed,
  missing: readonly MissingPart[],
): MissingPart | undefined {
  return missing.find(({ part }) => PARTS[deed].includes(part));
}

/** Asks what is the same for all nodes on one kernel, once for all of them. */
export type OncePerKernel = (
  ask: () => Promise<readonly MissingPart[]>,
  signal: AbortSignal,
) => Promise<readonly MissingPart[]>;

/** For a node whose kernel is its own, or that knows no other on the same one. */
function onceForNode(): OncePerKernel {
  const work = new SharedWork();
  return (ask, signal) => work.once("kernel", ask, signal);
}

/** Finds out through a host what is in the way of a deed there. */
export type KernelQuestion = (
  deed: PacketDeed,
  options: { readonly signal: AbortSignal },
) => Promise<MissingPart | undefined>;

/** Asks a host. The first who asks may give up: others wait as well. */
export function kernelQuestion(
  host: (options: CallOptions) => Promise<Host>,
  once: OncePerKernel = onceForNode(),
): KernelQuestion {
  const ask = async () => await (await host({})).packets.missingParts();
  return async (deed, { signal }) => obstacleTo(deed, await once(ask, signal));
}
