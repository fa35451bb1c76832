import type { FaultCheck, FaultMeasurement, FaultProof, MachineCheck } from "../events/mod.ts";

/** Whether all of a proof of the network has shown what it was to show. */
export function isProof({ checks, measurements = [] }: FaultProof): boolean {
  return checks.every(isShown) && measurements.every(isWithin);
}

function isShown({ expected, arrived, dropped }: FaultCheck): boolean {
  switch (expected) {
    case "arrived":
      return arrived > 0;
    case "dropped":
      return arrived === 0 && dropped > 0;
    case "shaped":
      return dropped > 0;
    default:
      return expected satisfies never;
  }
}

function isWithin({ measured, accepted: [lowest, highest] }: FaultMeasurement): boolean {
  return measured >= lowest && measured <= highest;
}

/** Whether what was measured is what it was to be. */
export function isAsExpected({ measured, atLeast, atMost }: MachineCheck): boolean {
  return measured !== null && measured >= atLeast && measured <= (atMost ?? Infinity);
}

/** What an error says besides what was checked. */
export interface ProofErrorOptions extends ErrorOptions {
  /** What is to be done, on a line of its own. */
  readonly remedy?: string | undefined;
}

/** Probes have not shown what a fault was to do; it was undone. */
export class FaultProofError extends Error {
  /** `"FaultProofError"`. */
  override readonly name = "FaultProofError";
  /** All that was checked. */
  readonly proof: FaultProof;

  /** @ignore */
  constructor(action: string, proof: FaultProof, { remedy, ...options }: ProofErrorOptions = {}) {
    const { checks, measurements = [], machines = [] } = proof;
    const failed = checks.filter((check) => !isShown(check));
    const wrong = machines.filter((check) => !isAsExpected(check));
    const outside = measurements.filter((measurement) => !isWithin(measurement));
    const all = [
      ...failed.map(describe),
      ...outside.map(describeMeasurement),
      ...wrong.map(describeMachine),
    ];
    const count = checks.length + measurements.length + machines.length;
    const lines = all.slice(0, QUOTED).map((line) => `\n  ${line}`);
    const more = all.length > QUOTED ? `\n  … and ${all.length - QUOTED} more` : "";
    const remedies = [
      failed.some(wasToArrive) ? REMEDY : "",
      outside.some(isTooSlow) ? BANDWIDTH_REMEDY : "",
      remedy ?? "",
    ];
    super(
      `Cannot ${action}: ${all.length} of ${count} checks did not ` +
        `show it${lines.join("")}${more}${remedies.join("")}`,
      options,
    );
    this.proof = proof;
  }
}

/** Checks that an error's message quotes. */
const QUOTED = 5;

/** What may have been in the way of probes that were to arrive. */
const REMEDY = "\nIf filters of the nodes' own drop these probes, say { proof: false }";

/** What to do where less passed than was to. */
const BANDWIDTH_REMEDY =
  "\nIf these nodes cannot send as much as this bandwidth by themselves, ask for less, or say { proof: false }";

function isTooSlow({ quantity, asked, measured, accepted: [lowest, highest] }: FaultMeasurement) {
  return quantity === "bandwidth" && (measured < asked || lowest > highest);
}

function wasToArrive({ expected }: FaultCheck): boolean {
  return expected === "arrived";
}

function describe({ from, to, address, protocol, expected, sent, arrived, dropped }: FaultCheck) {
  return `from ${from} to ${to} (${address}) over ${protocol}, to be ${expected}: ` +
    `${sent} sent, ${arrived} arrived, ${dropped} dropped`;
}

function describeMeasurement(
  { from, to, address, quantity, asked, measured, accepted, probes }: FaultMeasurement,
): string {
  const [lowest, highest] = accepted;
  const found = lowest > highest
    ? `which were not sent fast enough to show it`
    : `not between ${brief(lowest)} and ${brief(highest)}`;
  return `from ${from} to ${to} (${address}), ${quantity} of ${brief(asked)} was to be shown: ` +
    `${brief(measured)} measured by ${probes} probes, ${found}`;
}

function describeMachine({ node, quantity, measured, atLeast, atMost }: MachineCheck): string {
  const most = atMost === null ? "" : ` and at most ${brief(atMost)}`;
  const seen = measured === null ? "nothing" : brief(measured);
  return `on ${node}, ${quantity} was to be at least ${brief(atLeast)}${most}: ${seen} measured`;
}

function brief(number: number): string {
  return String(Number.isInteger(number) ? number : Number(number.toPrecision(3)));
}
