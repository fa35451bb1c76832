import { doesNotMatch, match, ok } from "node:assert/strict";
import type { FaultMeasurement } from "../events/mod.ts";
import { FaultProofError } from "./fault_proof.ts";

function messageOf(measurement: Partial<FaultMeasurement>): string {
  const named = {
    from: "a",
    to: "b",
    address: "10.0.0.1",
    quantity: "bandwidth",
    probes: 20,
  } as const;
  const measurements = [{ ...named, asked: 1e11, measured: 0, accepted: [0, 1], ...measurement }];
  const proof = { checks: [], links: 1, checkedLinks: 1, elapsed: 0 };
  const { message } = new FaultProofError("shape a to b", {
    ...proof,
    measurements: measurements as FaultMeasurement[],
  });
  return message;
}

Deno.test("FaultProofError says what to do where nodes cannot send as much as a bandwidth", () => {
  const unsent = messageOf({ measured: 4e9, accepted: [5e10, 4e9] });
  match(unsent, /4000000000 measured by 20 probes, which were not sent fast enough to show it\n/);
  doesNotMatch(unsent, /between/);
  const slow = messageOf({ measured: 4e9, accepted: [5e10, 1.15e11] });
  match(slow, /4000000000 measured by 20 probes, not between 50000000000 and 115000000000\n/);
  for (const message of [unsent, slow]) {
    match(
      message,
      /\nIf these nodes cannot send as much .*, ask for less, or say \{ proof: false \}$/,
    );
  }
  // More than may pass is a shape that does not hold.
  ok(!messageOf({ measured: 9e11, accepted: [5e10, 1.15e11] }).includes("ask for less"));
});
