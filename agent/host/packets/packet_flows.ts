import { hash } from "./draw.ts";
import { hasPorts, isIpv4, payloadOf } from "./ip_packet.ts";

/** Flows that are told apart at once, at most: of more, those that began first begin anew. */
const MAX_FLOWS = 8_192;

/** Packets from one port of one address to another. */
export interface PacketFlow {
  /** What tells it from others, and is the same whenever the same happens in the same order. */
  readonly key: number;
  /** Packets of it until now. */
  packets: number;
  /** When the latest of them goes on. */
  due: number;
  /** Whether the latest of them was lost; `undefined` before the first. */
  isLost: boolean | undefined;
}

/**
 * The flows of a link. Ports differ from one run to another, and so do addresses; so flows are known by
 * their protocol and by which of it on this link they are, in the order in which they begin.
 */
export class PacketFlows {
  readonly #flows = new Map<number, PacketFlow>();
  readonly #begun = new Map<number, number>();

  /** That of a packet, of which these are the first bytes. */
  of(head: Uint8Array): PacketFlow {
    const { protocol, hash: ends } = endsOf(head);
    const known = this.#flows.get(ends);
    if (known) return known;
    if (this.#flows.size >= MAX_FLOWS) this.#flows.delete(this.#flows.keys().next().value!);
    const ordinal = this.#begun.get(protocol) ?? 0;
    this.#begun.set(protocol, ordinal + 1);
    const flow = { key: hash(protocol, ordinal), packets: 0, due: 0, isLost: undefined };
    this.#flows.set(ends, flow);
    return flow;
  }
}

/** The address of the sender, or of the receiver, as text that is the same for the same address. */
export function addressOf(head: Uint8Array, end: "sender" | "receiver"): string {
  const isSender = end === "sender";
  if (isIpv4(head)) return head.subarray(isSender ? 12 : 16, isSender ? 16 : 20).join(".");
  return head.subarray(isSender ? 8 : 24, isSender ? 24 : 40).join(".");
}

/** A number for both addresses and ports. */
function endsOf(head: Uint8Array): { protocol: number; hash: number } {
  const payload = payloadOf(head);
  const { protocol, start } = payload;
  const [first, afterAddresses] = isIpv4(head) ? [12, 20] : [8, 40];
  let state = protocol;
  for (let at = first; at < afterAddresses; at += 4) state = hash(state, wordAt(head, at));
  return { protocol, hash: hasPorts(head, payload) ? hash(state, wordAt(head, start)) : state };
}

function wordAt(head: Uint8Array, at: number): number {
  return (head[at]! << 24) | (head[at + 1]! << 16) | (head[at + 2]! << 8) | head[at + 3]!;
}
