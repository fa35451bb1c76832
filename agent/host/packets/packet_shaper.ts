import type { PacketRule, PacketShaping } from "../host.ts";
import { addressBytes } from "./address_bytes.ts";
import { draw } from "./draw.ts";
import { addressOf, type PacketFlow, PacketFlows } from "./packet_flows.ts";

/** Milliseconds that a packet waits at most for the bandwidth: a router drops what has no room. */
export const MAX_BACKLOG = 1_000;

/** What is drawn for a packet. */
const Draw = { loss: 1, jitter: 2 };

/** What a link has done until now. */
interface LinkState {
  readonly flows: PacketFlows;
  /** When all bits of the packets before have passed. */
  free: number;
}

/**
 * Decides what becomes of packets, one after the other. What is random depends on the seed, on the flow, and
 * on which packet of the flow it is, and on nothing else.
 */
export class PacketShaper {
  readonly #shaping: PacketShaping;
  readonly #end: "sender" | "receiver";
  readonly #byAddress = new Map<string, LinkState>();
  readonly #others: LinkState = newLink();

  /** Packets of rules that name no peer are those of one link. */
  constructor(rules: readonly PacketRule[], shaping: PacketShaping) {
    this.#shaping = shaping;
    this.#end = rules[0]?.direction === "out" ? "receiver" : "sender";
    const links = new Map<number, LinkState>();
    for (const [place, { peer, link = -1 - place }] of rules.entries()) {
      if (peer === undefined) continue;
      const state = links.get(link) ?? newLink();
      links.set(link, state);
      this.#byAddress.set(addressBytes(peer).join("."), state);
    }
  }

  /** When a packet is to go on that comes now; `undefined` if it is lost. Times are in milliseconds. */
  decide({ head, length }: ArrivingPacket, now: number): number | undefined {
    const { latency = 0, loss = 0, bandwidth, seed } = this.#shaping;
    const link = this.#byAddress.get(addressOf(head, this.#end)) ?? this.#others;
    const flow = link.flows.of(head);
    const number = flow.packets++;
    if (loss > 0 && draw(seed, flow.key, number, Draw.loss) < loss) return undefined;
    const passed = bandwidth === undefined ? now : pass(link, { now, bits: length * 8, bandwidth });
    if (passed === undefined) return undefined;
    flow.due = Math.max(flow.due, passed + latency + this.#jitter(flow, number));
    return flow.due;
  }

  #jitter(flow: PacketFlow, number: number): number {
    const { jitter = 0, seed } = this.#shaping;
    return jitter === 0 ? 0 : jitter * (2 * draw(seed, flow.key, number, Draw.jitter) - 1);
  }
}

/** What is known of a packet. */
export interface ArrivingPacket {
  /** Its first bytes. */
  readonly head: Uint8Array;
  /** Bytes of all of it. */
  readonly length: number;
}

/** When the bits have passed; `undefined` if too many are before them. */
function pass(
  link: LinkState,
  { now, bits, bandwidth }: { now: number; bits: number; bandwidth: number },
): number | undefined {
  const start = Math.max(now, link.free);
  if (start - now > MAX_BACKLOG) return undefined;
  link.free = start + bits * 1_000 / bandwidth;
  return link.free;
}

function newLink(): LinkState {
  return { flows: new PacketFlows(), free: 0 };
}
