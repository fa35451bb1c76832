import type { PacketShaping } from "../../agent/host/host.ts";
import { correlationDeviation } from "./measure_series.ts";

/** What probes can show of each, beside others; what is alone may be more. */
const PROVABLE = {
  loss: [0.001, 0.9],
  duplicate: [0.002, 1],
  reorder: [0.002, 0.4],
  corrupt: [0.002, 0.9],
} as const;

/** Milliseconds that packets may take by themselves on a machine that is busy. */
const LEAST_LATENCY = 1;

/** What few probes show when they are all that is sent: every one is lost, or changed. */
const ALONE: readonly string[] = ["loss", "corrupt"];

/** Throws a `RangeError` when what packets are shaped to is so rare, or so much, that probes cannot show it. */
export function checkProvable(
  shaping: PacketShaping,
  { isOutward }: { readonly isOutward: boolean },
): void {
  const { latency, bandwidth, loss = 0, correlation = 0, distribution } = shaping;
  const given = [latency, bandwidth, loss, shaping.duplicate, shaping.corrupt].filter((each) =>
    each
  );
  for (const [name, [least, most]] of Object.entries(PROVABLE)) {
    const value = shaping[name as keyof typeof PROVABLE] ?? 0;
    const isAlone = given.length === 1 && ALONE.includes(name);
    if (value === 0 || value >= least && (value <= most || isAlone)) continue;
    const alone = ALONE.includes(name) ? ", or a greater one alone" : "";
    refuse(`a ${name} of ${value}: it takes one from ${least} to ${most}${alone}`);
  }
  if (latency && latency < LEAST_LATENCY) {
    refuse(`a latency of ${latency} milliseconds: it takes ${LEAST_LATENCY} at least`);
  }
  if (correlation > 0 && correlation < 8 * correlationDeviation({ loss, correlation })) {
    refuse(`a correlation of ${correlation} with a loss of ${loss}: it takes more of either`);
  }
  if (correlation > MOST_CORRELATION) {
    refuse(`a correlation of ${correlation}: it takes one of ${MOST_CORRELATION} at most`);
  }
  const bits = bandwidth ?? Infinity;
  if (shaping.reorder && 5_000 * PROBE_BITS / bits > (latency ?? 0)) {
    refuse(`a reorder at ${bits} bit/s and a latency of ${latency} ms: hardly a packet waits`);
  }
  if (isOutward && distribution !== undefined) {
    refuse(`the distribution of what goes "outside": nothing there answers`);
  }
}

/** Bits that there have to be for a probe, half of which it takes. */
const PROBE_BITS = 2 * 8 * 112;

/** With more, runs are so long that few of them are seen. */
const MOST_CORRELATION = 0.9;

function refuse(what: string): never {
  throw new RangeError(`Cannot show ${what}; or say { proof: false }`);
}
