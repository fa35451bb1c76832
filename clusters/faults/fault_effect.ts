import type {
  HostPackets,
  PacketHold,
  PacketOptions,
  PacketRule,
  PacketShaping,
} from "../../agent/host/host.ts";
import type { FaultProof } from "../events/mod.ts";
import type { PacketDeed } from "../kit/mod.ts";
import { type Cut, proveCut } from "./prove_cut.ts";
import { relaysShaped } from "./prove_relay_shape.ts";
import { type RelayCut, relaysCut } from "./prove_relays.ts";
import { proveShape } from "./prove_shape.ts";

/** What a fault does to packets: it is the same on all nodes. */
export interface FaultEffect {
  /** What nodes have to be able to have done to them. */
  readonly ability: "partition" | "shape";
  /** What kernels have to be able to do for it. */
  deed(way: { readonly isOutward: boolean }): PacketDeed;
  /** What it shapes packets to; `undefined` if it drops them. */
  readonly shaping?: PacketShaping | undefined;
  /** Begins it on one node. */
  begin(
    packets: HostPackets,
    rules: readonly PacketRule[],
    options: PacketOptions,
  ): Promise<PacketHold>;
  /** Shows that it is there. */
  prove(cut: Cut): Promise<FaultProof>;
  /** Shows the same of what the test relays. */
  proveRelayed(cut: RelayCut): Promise<FaultProof>;
}

/** Packets are dropped. */
export const cutting: FaultEffect = {
  ability: "partition",
  deed: ({ isOutward }) => isOutward ? "outside" : "partition",
  begin: (packets, rules, options) => packets.drop(rules, options),
  prove: proveCut,
  proveRelayed: relaysCut,
};

/** Packets are late, or some are lost. */
export function shapingTo(shaping: PacketShaping): FaultEffect {
  return {
    ability: "shape",
    deed: () => shaping.duplicate ? "duplicate" : "shape",
    shaping,
    begin: (packets, rules, options) => packets.shape(rules, shaping, options),
    prove: (cut) => proveShape(cut, shaping),
    proveRelayed: (cut) => relaysShaped(cut, shaping),
  };
}
