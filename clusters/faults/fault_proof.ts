import type { FaultCheck, FaultProof } from "../events/mod.ts";

/** Whether a check has shown what it was to show. */
export function isShown({ expected, arrived, dropped }: FaultCheck): boolean {
  return expected === "arrived" ? arrived > 0 : arrived === 0 && dropped > 0;
}

/** Probes have not shown what a fault was to do; it was undone. */
export class FaultProofError extends Error {
  /** `"FaultProofError"`. */
  override readonly name = "FaultProofError";
  /** All that was checked. */
  readonly proof: FaultProof;

  /** @ignore */
  constructor(action: string, proof: FaultProof, options?: ErrorOptions) {
    const failed = proof.checks.filter((check) => !isShown(check));
    const lines = failed.slice(0, QUOTED).map((check) => `\n  ${describe(check)}`);
    const more = failed.length > QUOTED ? `\n  … and ${failed.length - QUOTED} more` : "";
    super(
      `Cannot ${action}: ${failed.length} of ${proof.checks.length} checks did not show it` +
        `${lines.join("")}${more}${failed.some(wasToArrive) ? REMEDY : ""}`,
      options,
    );
    this.proof = proof;
  }
}

/** Checks that an error's message quotes. */
const QUOTED = 5;

/** What may have been in the way of probes that were to arrive. */
const REMEDY = "\nIf filters of the nodes' own drop these probes, say { proof: false }";

function wasToArrive({ expected }: FaultCheck): boolean {
  return expected === "arrived";
}

function describe({ from, to, address, protocol, expected, sent, arrived, dropped }: FaultCheck) {
  return `from ${from} to ${to} (${address}) over ${protocol}, to be ${expected}: ` +
    `${sent} sent, ${arrived} arrived, ${dropped} dropped`;
}
