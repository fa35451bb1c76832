import type { FaultCheck, FaultProof, MachineCheck } from "../events/mod.ts";

/** Whether a check has shown what it was to show. */
export function isShown({ expected, arrived, dropped }: FaultCheck): boolean {
  return expected === "arrived" ? arrived > 0 : arrived === 0 && dropped > 0;
}

/** Whether what was measured is what it was to be. */
export function isAsExpected({ measured, atLeast, atMost }: MachineCheck): boolean {
  return measured !== null && measured >= atLeast && measured <= (atMost ?? Infinity);
}

/** Probes have not shown what a fault was to do; it was undone. */
export class FaultProofError extends Error {
  /** `"FaultProofError"`. */
  override readonly name = "FaultProofError";
  /** All that was checked. */
  readonly proof: FaultProof;

  /** @ignore */
  constructor(action: string, proof: FaultProof, options?: ErrorOptions) {
    const { checks, machines = [] } = proof;
    const failed = checks.filter((check) => !isShown(check));
    const wrong = machines.filter((check) => !isAsExpected(check));
    const all = [...failed.map(describe), ...wrong.map(describeMachine)];
    const lines = all.slice(0, QUOTED).map((line) => `\n  ${line}`);
    const more = all.length > QUOTED ? `\n  … and ${all.length - QUOTED} more` : "";
    super(
      `Cannot ${action}: ${all.length} of ${checks.length + machines.length} checks did not ` +
        `show it${lines.join("")}${more}${failed.some(wasToArrive) ? REMEDY : ""}`,
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

function describeMachine({ node, quantity, measured, atLeast, atMost }: MachineCheck): string {
  const most = atMost === null ? "" : ` and at most ${brief(atMost)}`;
  const seen = measured === null ? "nothing" : brief(measured);
  return `on ${node}, ${quantity} was to be at least ${brief(atLeast)}${most}: ${seen} measured`;
}

function brief(number: number): string {
  return String(Number.isInteger(number) ? number : Number(number.toPrecision(3)));
}
