import { datagramOf } from "./ip_packet.ts";
import type { ArrivingPacket, PacketJudge, PacketVerdict } from "./packet_judge.ts";
import { numberOf } from "./numbered_probe.ts";

/** Probes that are remembered at most. */
const MAX_SEEN = 50_000;

/** Lets probes pass, and remembers which they were. */
export class ProbeWitness implements PacketJudge {
  readonly #seen: number[] = [];

  /** Their numbers, in the order in which they have passed; -1 for one that is not as it was sent. */
  get seen(): number[] {
    return [...this.#seen];
  }

  /** Lets it pass at once. */
  judge({ bytes }: ArrivingPacket): PacketVerdict {
    const content = datagramOf(bytes);
    if (this.#seen.length < MAX_SEEN) this.#seen.push(content ? numberOf(content) : -1);
    return { due: 0 };
  }
}
