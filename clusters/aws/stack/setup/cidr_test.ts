import { match, strictEqual, throws } from "node:assert/strict";
import { checkCidr, cidrContains } from "./cidr.ts";

for (const cidr of ["203.0.113.7/32", "10.0.0.0/8", "0.0.0.0/0"]) {
  Deno.test(`checkCidr() takes ${cidr}`, () => checkCidr(cidr));
}

for (
  const cidr of ["", "203.0.113.7", "203.0.113/24", "203.0.113.256/32", "10.0.0.0/33", "::1/128"]
) {
  Deno.test(`checkCidr() refuses "${cidr}"`, () => {
    const refusal = { name: "TypeError", message: /it is not a range of IPv4 addresses/ };
    throws(() => checkCidr(cidr), (error: Error) => {
      match(error.message, refusal.message);
      return error.name === refusal.name;
    });
  });
}

for (
  const [cidr, address, contains] of [
    ["203.0.113.7/32", "203.0.113.7", true],
    ["203.0.113.7/32", "203.0.113.8", false],
    ["10.0.0.0/8", "10.255.0.1", true],
    ["0.0.0.0/0", "198.51.100.1", true],
  ] as const
) {
  Deno.test(`cidrContains() is ${contains} when it is ${address} in ${cidr}`, () => {
    strictEqual(cidrContains(cidr, address), contains);
  });
}
