import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { corrupted } from "./corrupted.ts";
import { datagramOf, payloadOf } from "./ip_packet.ts";
import { numberOf, withNumber } from "./numbered_probe.ts";

/** `hello` from 127.0.0.1 to 127.0.0.1, as the kernel has sent it. */
const IPV4 = bytesOf("4500002140004000401100007f0000017f000001 115c 15b3 000d fe20 68656c6c6f");

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.fromHex(hex.replaceAll(" ", ""));
}

/** The packet with the checksum that it is to have. */
function withChecksum(packet: Uint8Array, at: number): Uint8Array {
  for (let sum = 0; sum < 0x1_0000; sum++) {
    packet[at] = sum >> 8;
    packet[at + 1] = sum & 0xff;
    if (datagramOf(packet)) return packet;
  }
  throw new Error("none");
}

Deno.test("payloadOf() finds what is behind options of IPv4 and extensions of IPv6", () => {
  deepStrictEqual(payloadOf(IPV4), { protocol: 17, start: 20 });
  const options = bytesOf("46" + "00".repeat(8) + "06" + "00".repeat(14));
  deepStrictEqual(payloadOf(options), { protocol: 6, start: 24 });
  const head = "60" + "00".repeat(5);
  deepStrictEqual(payloadOf(bytesOf(`${head}11${"00".repeat(41)}`)), { protocol: 17, start: 40 });
  const hops = bytesOf(`${head}00${"00".repeat(33)}3c01${"00".repeat(14)}1100${"00".repeat(6)}`);
  deepStrictEqual(payloadOf(bytesOf(`${head}00${"00".repeat(33)}0600${"00".repeat(6)}`)), {
    protocol: 6,
    start: 48,
  });
  deepStrictEqual(payloadOf(hops), { protocol: 17, start: 64 });
});

Deno.test("datagramOf() gives what a datagram has, unless a bit of it was turned over", () => {
  const whole = withChecksum(new Uint8Array(IPV4), 26);
  strictEqual(new TextDecoder().decode(datagramOf(whole)), "hello");
  for (let random = 0; random < 8 * 9; random++) {
    const changed = corrupted(whole, random);
    strictEqual(datagramOf(changed), undefined);
    // Neither the header of IP nor the ports are others.
    deepStrictEqual(changed.subarray(0, 24), whole.subarray(0, 24));
  }
  strictEqual(datagramOf(whole.subarray(0, 26)), undefined);
  const ofTcp = new Uint8Array(whole);
  ofTcp[9] = 6;
  strictEqual(datagramOf(ofTcp), undefined);
});

Deno.test("corrupted() changes a packet that has nothing behind its ports as well", () => {
  for (const size of [20, 21, 24]) {
    const packet = IPV4.subarray(0, size);
    const changed = corrupted(packet, 12_345);
    strictEqual(changed.filter((each, i) => each !== packet[i]).length, 1);
  }
});

Deno.test("numberOf() reads the number of a probe, and -1 where there is none", () => {
  const encoder = new TextEncoder();
  strictEqual(numberOf(encoder.encode(withNumber("mark", 1_234).padEnd(64))), 1_234);
  strictEqual(numberOf(encoder.encode("mark")), -1);
  strictEqual(numberOf(new Uint8Array()), -1);
});
