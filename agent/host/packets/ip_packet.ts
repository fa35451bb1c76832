/** Protocols that have ports, in the first bytes of their headers. */
const TRANSPORTS: readonly number[] = [6, 17];

const UDP = 17;

/** Headers of IPv6 that another one follows: of hops, of routing, of the receiver. */
const EXTENSIONS: readonly number[] = [0, 43, 60];

/** Where what a packet carries begins, and of which protocol that is. */
export interface Payload {
  readonly protocol: number;
  readonly start: number;
}

/** Whether it is of IPv4. */
export function isIpv4(packet: Uint8Array): boolean {
  return packet[0]! >> 4 === 4;
}

/** What a packet carries, of which these are all bytes or the first. */
export function payloadOf(packet: Uint8Array): Payload {
  if (isIpv4(packet)) return { protocol: packet[9] ?? 0, start: (packet[0]! & 15) * 4 };
  let [protocol, start] = [packet[6] ?? 0, 40];
  while (EXTENSIONS.includes(protocol) && start + 1 < packet.length) {
    [protocol, start] = [packet[start]!, start + 8 * (packet[start + 1]! + 1)];
  }
  return { protocol, start };
}

/** Whether there are ports at the start of what it carries: of the parts of a packet, only the first has them. */
export function hasPorts(packet: Uint8Array, { protocol }: Payload): boolean {
  const isLaterPart = isIpv4(packet) && (packet[6]! & 0x1f | packet[7]!) !== 0;
  return TRANSPORTS.includes(protocol) && !isLaterPart;
}

/** What a whole datagram of UDP has, if it is one, and if its checksum says that it is as it was sent. */
export function datagramOf(packet: Uint8Array): Uint8Array | undefined {
  const { protocol, start } = payloadOf(packet);
  if (protocol !== UDP || packet.length < start + 8) return undefined;
  const udp = packet.subarray(start);
  const [first, last] = isIpv4(packet) ? [12, 20] : [8, 40];
  const pseudoHeader = sumOf(packet.subarray(first, last)) + UDP + udp.length;
  return folded(pseudoHeader + sumOf(udp)) === 0xffff ? udp.subarray(8) : undefined;
}

/** The sum of all words of 16 bits. */
function sumOf(bytes: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += (bytes[at]! << 8) + (bytes[at + 1] ?? 0);
  return sum;
}

function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x1_0000);
  return rest;
}
