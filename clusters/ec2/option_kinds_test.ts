import { throws } from "node:assert/strict";
import { ec2 } from "./backend.ts";

const message =
  /^Cannot make ec2\(\): prices must be an object of dollars per hour, as \{ "m7g.large": 0.0816 \}, not /;

const refused: unknown[] = [
  0.0816,
  [0.0816],
  { large: 0.0816 },
  { "m7g.large": "0.0816" },
  { "m7g.large": -1 },
  { "m7g.large": NaN },
];

for (const prices of refused) {
  Deno.test(`ec2() refuses ${Deno.inspect(prices)} as prices`, () => {
    throws(() => ec2({ prices: prices as Record<string, number> }), { name: "TypeError", message });
  });
}

Deno.test("ec2() takes prices of types that it has no price of", () => {
  ec2({ prices: { "m7g.large": 0.0816, "u-6tb1.metal": 46.4, "t4g.small": 0 } });
});
