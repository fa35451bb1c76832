import type { PacketRule, PacketShaping } from "../host.ts";
import { addressBytes } from "./address_bytes.ts";
import { corrupted } from "./corrupted.ts";
import { deviation } from "./deviation.ts";
import { draw, hash } from "./draw.ts";
import { addressOf, type PacketFlow, PacketFlows } from "./packet_flows.ts";
import type { ArrivingPacket, PacketJudge, PacketVerdict } from "./packet_judge.ts";

/** Milliseconds that a packet waits at most for the bandwidth: a router drops what has no room. */
const MAX_QUEUE_DELAY = 1_000;

/** What is drawn for a packet. */
const Draw = { loss: 1, jitter: 2, jitterToo: 3, reorder: 4, duplicate: 5, corrupt: 6, bit: 7 };

/** What a link has done until now. */
interface LinkState {
  readonly flows: PacketFlows;
  /** When all bits of the packets before have passed. */
  free: number;
}

/**
 * Decides what becomes of packets that are shaped. What is random depends on the seed, on the flow, and on
 * which packet of the flow it is, and on nothing else.
 */
export class PacketShaper implements PacketJudge {
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

  /** What becomes of a packet of these rules. */
  judge(packet: ArrivingPacket, now: number): PacketVerdict | undefined {
    const { duplicate, bandwidth } = this.#shaping;
    const link = this.#byAddress.get(addressOf(packet.bytes, this.#end)) ?? this.#others;
    const flow = link.flows.of(packet.bytes);
    const number = flow.packets++;
    if (this.#isLost(flow, number)) return undefined;
    const isCopied = this.#happens(duplicate, flow, number, Draw.duplicate);
    const bits = packet.length * (isCopied ? 16 : 8);
    const passed = bandwidth === undefined ? now : pass(link, { now, bits, bandwidth });
    if (passed === undefined) return undefined;
    const due = this.#due(flow, number, passed);
    return { due, isCopied, replacement: this.#replacement(packet, flow, number) };
  }

  /** After a packet that was lost, one is as much more probable to be as the correlation says. */
  #isLost(flow: PacketFlow, number: number): boolean {
    const { loss = 0, correlation = 0 } = this.#shaping;
    if (loss === 0) return false;
    const memory = flow.isLost === undefined ? 0 : correlation;
    const probability = (1 - memory) * loss + (flow.isLost ? memory : 0);
    return flow.isLost = this.#happens(probability, flow, number, Draw.loss);
  }

  /** The packets of a flow keep their order, but for those that overtake. */
  #due(flow: PacketFlow, number: number, passed: number): number {
    const { latency = 0, reorder } = this.#shaping;
    if (this.#happens(reorder, flow, number, Draw.reorder)) return passed;
    const late = Math.max(0, latency + this.#jitter(flow, number));
    return flow.due = Math.max(flow.due, passed + late);
  }

  #jitter(flow: PacketFlow, number: number): number {
    const { jitter = 0, distribution = "uniform" } = this.#shaping;
    if (jitter === 0) return 0;
    const [one, other] = [Draw.jitter, Draw.jitterToo];
    return jitter *
      deviation(distribution, [this.#draw(flow, number, one), this.#draw(flow, number, other)]);
  }

  #replacement(
    { bytes, length }: ArrivingPacket,
    flow: PacketFlow,
    number: number,
  ): Uint8Array<ArrayBuffer> | undefined {
    const { corrupt, seed } = this.#shaping;
    if (!this.#happens(corrupt, flow, number, Draw.corrupt)) return undefined;
    // The kernel hands out four bytes less than the longest packet has.
    if (bytes.length < length) return undefined;
    return corrupted(bytes, hash(seed, flow.key, number, Draw.bit));
  }

  #happens(probability = 0, flow: PacketFlow, number: number, what: number): boolean {
    return probability > 0 && this.#draw(flow, number, what) < probability;
  }

  #draw(flow: PacketFlow, number: number, what: number): number {
    return draw(this.#shaping.seed, flow.key, number, what);
  }
}

/** When the bits have passed; `undefined` if too many are before them. */
function pass(
  link: LinkState,
  { now, bits, bandwidth }: { now: number; bits: number; bandwidth: number },
): number | undefined {
  const start = Math.max(now, link.free);
  if (start - now > MAX_QUEUE_DELAY) return undefined;
  link.free = start + bits * 1_000 / bandwidth;
  return link.free;
}

function newLink(): LinkState {
  return { flows: new PacketFlows(), free: 0 };
}
