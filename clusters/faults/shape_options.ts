import type { JitterDistribution, PacketShaping } from "../../agent/host/host.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import { FAULT_KINDS, type FaultOptions } from "./fault_options.ts";
import { checkProvable } from "./provable_shape.ts";

export type { JitterDistribution };

/** What becomes of packets, which packets are concerned, and whether it is shown. */
export interface ShapeOptions extends FaultOptions {
  /** Milliseconds by which each packet is late. @default 0 */
  readonly latency?: number | undefined;
  /**
   * Milliseconds by which the latency differs; by how many more or less, {@linkcode distribution} says. It is
   * not more than the latency. The packets of a connection keep their order. @default 0
   */
  readonly jitter?: number | undefined;
  /**
   * How latencies differ: `"uniform"`, by up to the jitter both ways, all of them as probable; `"normal"`,
   * with the jitter as standard deviation; `"pareto"`, also with that, but most of them a little earlier, and
   * few much later. None is more than four times the jitter later. @default "uniform"
   */
  readonly distribution?: JitterDistribution | undefined;
  /** How probable it is that a packet is lost, from 0 to 1. @default 0 */
  readonly loss?: number | undefined;
  /**
   * How much the loss of a packet depends on that of the one before it in its flow, from 0 to 1: losses come
   * in runs then, and are as many as without. @default 0
   */
  readonly correlation?: number | undefined;
  /** How probable it is that a packet arrives twice, from 0 to 1. @default 0 */
  readonly duplicate?: number | undefined;
  /**
   * How probable it is that a packet is not late, from 0 to 1: it overtakes those that were sent before it
   * and wait. It takes a latency. @default 0
   */
  readonly reorder?: number | undefined;
  /**
   * How probable it is that one bit of a packet is turned over, from 0 to 1. Checksums stay as they are, so
   * that the receiver's kernel drops it, as one that comes so from a real link. @default 0
   */
  readonly corrupt?: number | undefined;
  /**
   * Bits per second of each link, at least 8,000: a number, or `"10mbit"` with `bit`, `kbit`, `mbit` or `gbit`.
   * Packets that would wait for more than a second are dropped, as a router drops them. @default no limit
   */
  readonly bandwidth?: number | string | undefined;
  /**
   * With the same seed, a number of 32 bits, the same packets of the same flow fare alike. Flows are those of
   * TCP, UDP and ICMP, of each link, in the order in which they begin. @default a random one, which events name
   */
  readonly seed?: number | undefined;
}

/** Of faults that shape packets. */
export const SHAPE_KINDS: OptionKinds<ShapeOptions> = {
  ...FAULT_KINDS,
  latency: kinds.number("milliseconds"),
  jitter: kinds.number("milliseconds"),
  distribution: kinds.oneOf("uniform", "normal", "pareto"),
  loss: kinds.number(),
  correlation: kinds.number(),
  duplicate: kinds.number(),
  reorder: kinds.number(),
  corrupt: kinds.number(),
  bandwidth: kinds.either(kinds.number("bits per second"), kinds.text),
  seed: kinds.number(),
};

/** Milliseconds of the longest latency. */
const MAX_LATENCY = 60_000;

/** Bits per second below which hardly a packet passes within a second. */
const MIN_BANDWIDTH = 8_000;

const MAX_SEED = 0xffff_ffff;

const UNITS: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };

/** What is as probable as it says. */
const PROBABILITIES = ["loss", "correlation", "duplicate", "reorder", "corrupt"] as const;

/** What the options say of packets. Throws when they cannot be, or cannot be shown. */
export function shapingOf(options: ShapeOptions, { isOutward = false } = {}): PacketShaping {
  const { latency = 0, jitter = 0, seed = randomSeed(), distribution } = options;
  const bandwidth = bitsOf(options.bandwidth);
  checkRange("latency", latency, { lowest: 0, highest: MAX_LATENCY });
  if (jitter > 0 && latency === 0) refuseAlone("jitter", "latency");
  checkRange("jitter", jitter, { lowest: 0, highest: latency });
  for (const name of PROBABILITIES) {
    checkRange(name, options[name] ?? 0, { lowest: 0, highest: 1 });
  }
  checkRange("seed", seed, { lowest: 0, highest: MAX_SEED });
  if (!Number.isInteger(seed)) {
    throw new RangeError(`Cannot shape packets: seed ${seed} is no integer`);
  }
  if (bandwidth !== undefined) {
    checkRange("bandwidth", bandwidth, { lowest: MIN_BANDWIDTH, highest: Number.MAX_SAFE_INTEGER });
  }
  const { loss = 0, correlation = 0, duplicate = 0, reorder = 0, corrupt = 0 } = options;
  const harm = { loss, correlation, duplicate, reorder, corrupt };
  const shaping = { latency, jitter, distribution, ...harm, bandwidth, seed };
  checkTogether(shaping);
  if (options.proof !== false) checkProvable(shaping, { isOutward });
  return shaping;
}

/** Throws when it would do nothing, or when a part of it would. */
function checkTogether(shaping: PacketShaping): void {
  const { latency, jitter, distribution, bandwidth } = shaping;
  const { loss, correlation, duplicate, reorder, corrupt } = shaping;
  if (!latency && !loss && !duplicate && !corrupt && !reorder && bandwidth === undefined) {
    throw new TypeError(
      "Cannot shape packets: neither latency, nor loss, nor bandwidth is given, nor duplicate or corrupt",
    );
  }
  if (distribution !== undefined && !jitter) refuseAlone("a distribution", "jitter");
  if (correlation && !loss) refuseAlone("correlation", "loss");
  if (reorder && !latency) refuseAlone("reorder", "latency");
}

function refuseAlone(name: string, other: string): never {
  throw new TypeError(`Cannot shape packets: ${name} without ${other} does nothing`);
}

/** As events and errors name it. */
export function describeShaping(shaping: PacketShaping): string {
  const { latency, jitter, distribution, bandwidth, ...others } = shaping;
  const seed = seedOf(shaping);
  const named = PROBABILITIES.map((name) => others[name] ? `${name} ${others[name]}` : "");
  return [
    latency ? `latency ${latency} ms` : "",
    jitter ? `jitter ${jitter} ms` : "",
    distribution ?? "",
    ...named,
    bandwidth ? `bandwidth ${bandwidth} bit/s` : "",
    seed === undefined ? "" : `seed ${seed}`,
  ].filter((each) => each !== "").join(", ");
}

/** Its seed, if it leaves anything to chance. */
export function seedOf(shaping: PacketShaping): number | undefined {
  const isChance = shaping.jitter || PROBABILITIES.some((name) => shaping[name]);
  return isChance ? shaping.seed : undefined;
}

function checkRange(
  name: string,
  value: number,
  { lowest, highest }: { lowest: number; highest: number },
): void {
  if (value >= lowest && value <= highest) return;
  const most = highest === Number.MAX_SAFE_INTEGER ? "2^53" : highest;
  throw new RangeError(
    `Cannot shape packets: ${name} ${value} is not between ${lowest} and ${most}`,
  );
}

function bitsOf(bandwidth: number | string | undefined): number | undefined {
  if (typeof bandwidth !== "string") return bandwidth;
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?(bit|kbit|mbit|gbit)$/.exec(bandwidth) ?? [];
  if (number === undefined || unit === undefined) {
    throw new TypeError(
      `Cannot shape packets: bandwidth "${bandwidth}" is neither a number nor like "10mbit"`,
    );
  }
  return Number(number) * UNITS[unit]!;
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]!;
}
