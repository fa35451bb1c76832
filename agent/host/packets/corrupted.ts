import { payloadOf } from "./ip_packet.ts";

/** Bytes of what a packet carries that stay as they are: its ports. */
const KEPT = 4;

/**
 * The packet with one bit turned over, which a number picks. It is one behind the header of IP and the
 * ports: the checksum of what the packet carries is then wrong, so that its receiver drops it, as it would
 * whichever bit it is; and rules see the same packet.
 */
export function corrupted(packet: Uint8Array, random: number): Uint8Array<ArrayBuffer> {
  const { start } = payloadOf(packet);
  const first = Math.min(start + KEPT, packet.length - 1);
  const bit = random % (8 * (packet.length - first));
  const changed = new Uint8Array(packet);
  changed[first + (bit >> 3)]! ^= 1 << (bit & 7);
  return changed;
}
