import type {
  ClusterEvent,
  FaultCheck,
  FaultMeasurement,
  MachineCheck,
  OpenWay,
  Placed,
} from "../events/mod.ts";
import type { ReportFact } from "./report_data.ts";

/** The event of a type. */
export type Of<T extends ClusterEvent["type"]> = Extract<ClusterEvent, { type: T }>;

/** Checks of a fault that are listed. */
const MAX_CHECKS = 20;

/** What is known of a command when it starts. */
export function startFacts(event: Of<"command-started">): ReportFact[] {
  const { command, pid, user, process } = event;
  const [program = "", ...args] = listOf(command);
  return [
    ["command", program],
    ...args.length > 0 ? [["arguments", args.join("\n")] as const] : [],
    ["process", `${numberOf(process)}, process id ${pid} on the node`],
    ...placeFacts(event),
    ...user === undefined ? [] : [["user", user] as const],
    ...environmentFacts(event),
  ];
}

/** `25` of `process25`. */
function numberOf(process: string): string {
  return String(process).replace(/\D+/g, "");
}

/** Where the test has begun it. */
export function placeFacts({ places }: Placed): ReportFact[] {
  const known = listOf(places);
  return known.length === 0 ? [] : [["called at", known.join("\n")]];
}

/** What is known of a command when it has ended. */
export function endFacts(event: Of<"command-ended">): ReportFact[] {
  const { elapsed, stdout, stderr } = event;
  return [
    ["ended", endText(event)],
    ["took", milliseconds(elapsed)],
    ...stderr ? [["standard error", tail(stderr)] as const] : [],
    ...stdout ? [["standard output", tail(stdout)] as const] : [],
  ];
}

function endText({ code, signal, outOfMemory }: Of<"command-ended">): string {
  const memory = outOfMemory ? ", since the kernel ran out of memory for it," : "";
  if (signal) return `by ${signal}${memory}`;
  return code === null ? `with an unknown code${memory}` : `with code ${code}${memory}`;
}

/** How long something took, and why it failed if it did. */
export function endingFacts(
  { elapsed, error }: { readonly elapsed?: number; readonly error?: string | undefined },
): ReportFact[] {
  return [
    ...elapsed === undefined ? [] : [["took", milliseconds(elapsed)] as const],
    ...error === undefined ? [] : [["error", error] as const],
  ];
}

/** What was asked of a fault, and what probes have measured. */
export function faultFacts(event: Of<"fault-healed" | "fault-injected">): ReportFact[] {
  const { action, proof, type } = event;
  const isNew = type === "fault-injected";
  const facts = endingFacts(event).map((
    [name, text],
  ): ReportFact => [`${isNew ? "injected" : "healed"}: ${name}`, text]);
  return [
    ...isNew ? [["asked", action] as const] : [],
    ...facts,
    ...proof ? [[`measured when ${isNew ? "injected" : "healed"}`, proofText(proof)] as const] : [],
    ...isNew && !proof && event.error === undefined
      ? [["measured", "nothing: the test asked for no proof"] as const]
      : [],
  ];
}

function proofText(
  { checks, measurements, machines, open, links, checkedLinks }: NonNullable<
    Of<"fault-injected">["proof"]
  >,
): string {
  const list = [
    ...listOf<FaultMeasurement>(measurements).map(measurementText),
    ...listOf<FaultCheck>(checks).map(checkText),
    ...listOf<MachineCheck>(machines).map(machineText),
  ];
  const shown = list.slice(0, MAX_CHECKS);
  const more = list.length - shown.length;
  return [
    ...machines ? [] : [`${checkedLinks} of ${links} links checked`],
    ...listOf<OpenWay>(open).map(({ from, to, address }) =>
      `not cut: ${from} reaches ${to} at ${address}, beside its links`
    ),
    ...shown,
    ...more > 0 ? [`and ${more} more checks`] : [],
  ].join("\n");
}

function measurementText(
  { from, to, quantity, asked, measured, accepted, probes }: FaultMeasurement,
): string {
  const [least, most] = listOf<number>(accepted);
  const unit = UNITS[quantity] ?? "";
  return `${from} to ${to}: ${quantity} ${brief(measured)}${unit}, asked ${brief(asked)}${unit}, ` +
    `accepted from ${brief(least)} to ${brief(most)}, ${probes} probes`;
}

/** What is no share of packets, by its name, with its unit. */
const UNITS: Readonly<Record<string, string>> = {
  ...{ latency: " ms", jitter: " ms", bandwidth: " bit/s" },
};

/** With four digits; what a record cannot hold, such as infinity, is `?`. */
function brief(value: number | null | undefined): string {
  return typeof value === "number" ? `${Number(value.toPrecision(4))}` : "?";
}

function machineText({ node, quantity, measured, atLeast, atMost }: MachineCheck): string {
  const most = atMost === null ? "" : `, at most ${atMost}`;
  return `${node}: ${quantity} ${measured}, expected at least ${atLeast}${most}`;
}

/** Whatever else a check says is shown as it is recorded: faults differ in what they measure. */
function checkText(check: FaultCheck): string {
  const { from, to, address, protocol, expected, sent, arrived, dropped, ...others } = check;
  const rest = Object.entries(others).map(([name, value]) => `, ${name} ${JSON.stringify(value)}`);
  const what = EXPECTED[expected] ?? `expected ${expected}`;
  return `${from} to ${to} (${address}, ${protocol}): ${what}: ` +
    `sent ${sent}, arrived ${arrived}, dropped ${dropped}${rest.join("")}`;
}

/** What was to become of probes: the first that arrives is enough, and others are not waited for. */
const EXPECTED: Readonly<Record<string, string>> = {
  arrived: "at least one was to arrive",
  dropped: "none was to arrive",
  shaped: "at least one was to be shaped",
};

/** Names of variables: their values may be secrets, and are not recorded. */
function environmentFacts({ env }: Of<"command-started">): ReportFact[] {
  const names = listOf(env);
  return names.length > 0 ? [["environment", names.join(", ")]] : [];
}

/** As in `12.3 ms`, and in `4.2 s` from a second on. */
export function milliseconds(time: number): string {
  return time < 1000 ? `${Number(time).toFixed(1)} ms` : `${(time / 1000).toFixed(2)} s`;
}

/** What should be a list of texts; a record may be damaged. */
// deno-lint-ignore no-explicit-any -- whatever a record has
export function listOf<T = string>(value: readonly T[] | any): readonly T[] {
  return Array.isArray(value) ? value : [];
}

function tail(text: string): string {
  const whole = String(text);
  return whole.length > 2_000 ? `…${whole.slice(-2_000)}` : whole;
}
