import { deepStrictEqual, throws } from "node:assert/strict";
import { addressBytes } from "./address_bytes.ts";

const addresses: Readonly<Record<string, string>> = {
  "10.0.0.1": "0a000001",
  "255.255.255.255": "ffffffff",
  "::": "00000000000000000000000000000000",
  "::1": "00000000000000000000000000000001",
  "fd00::a:1": "fd0000000000000000000000000a0001",
  "1:2:3:4:5:6:7:8": "00010002000300040005000600070008",
  "2001:DB8::": "20010db8000000000000000000000000",
  "::ffff:10.0.0.1": "00000000000000000000ffff0a000001",
};

for (const [text, bytes] of Object.entries(addresses)) {
  Deno.test(`addressBytes() reads "${text}"`, () => {
    deepStrictEqual(addressBytes(text).toHex(), bytes);
  });
}

const others = [
  ...[
    "",
    "localhost",
    "10.0.0",
    "10.0.0.256",
    "10.0.0.1.2",
    "0x10.0.0.1",
    " 10.0.0.1",
    "10.0.0.1/8",
  ],
  ...[":", ":::", "1::2::3", "12345::", "fe80::1%eth0", "::1]:80/[", "::ffff:10.0.0.300"],
];

for (const text of others) {
  Deno.test(`addressBytes() refuses ${JSON.stringify(text)}`, () => {
    throws(() => addressBytes(text), { name: "TypeError", message: /is no IP address$/ });
  });
}
