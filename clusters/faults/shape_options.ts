import type { PacketShaping } from "../../agent/host/host.ts";
import { kinds, type OptionKinds } from "../options/mod.ts";
import { FAULT_KINDS, type FaultOptions } from "./fault_options.ts";

/** What becomes of packets, which packets are concerned, and whether it is shown. */
export interface ShapeOptions extends FaultOptions {
  /** Milliseconds by which each packet is late. @default 0 */
  readonly latency?: number | undefined;
  /**
   * Milliseconds by which the latency differs, up to so many both ways, all of them as probable. It is not
   * more than the latency. The packets of a connection keep their order. @default 0
   */
  readonly jitter?: number | undefined;
  /** How probable it is that a packet is lost, from 0 to 1. @default 0 */
  readonly loss?: number | undefined;
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
  loss: kinds.number(),
  bandwidth: kinds.either(kinds.number("bits per second"), kinds.text),
  seed: kinds.number(),
};

/** Milliseconds of the longest latency. */
const MAX_LATENCY = 60_000;

/** Bits per second below which hardly a packet passes within a second. */
const MIN_BANDWIDTH = 8_000;

const MAX_SEED = 0xffff_ffff;

/** The greatest loss beside which something else can be shown, and the least that can be. */
const PROVABLE_LOSS = { most: 0.9, least: 0.001 };

const UNITS: Readonly<Record<string, number>> = { bit: 1, kbit: 1e3, mbit: 1e6, gbit: 1e9 };

/** What the options say of packets. Throws when they cannot be, or cannot be shown. */
export function shapingOf(options: ShapeOptions): PacketShaping {
  const { latency = 0, jitter = 0, loss = 0, seed = randomSeed(), proof } = options;
  const bandwidth = bitsOf(options.bandwidth);
  checkRange("latency", latency, { lowest: 0, highest: MAX_LATENCY });
  checkRange("jitter", jitter, { lowest: 0, highest: latency });
  checkRange("loss", loss, { lowest: 0, highest: 1 });
  checkRange("seed", seed, { lowest: 0, highest: MAX_SEED });
  if (!Number.isInteger(seed)) {
    throw new RangeError(`Cannot shape packets: seed ${seed} is no integer`);
  }
  if (bandwidth !== undefined) {
    checkRange("bandwidth", bandwidth, { lowest: MIN_BANDWIDTH, highest: Number.MAX_SAFE_INTEGER });
  }
  if (latency === 0 && loss === 0 && bandwidth === undefined) {
    throw new TypeError("Cannot shape packets: neither latency, nor loss, nor bandwidth is given");
  }
  const shaping = { latency, jitter, loss, bandwidth, seed };
  if (proof !== false) checkProvable(shaping);
  return shaping;
}

/** As events and errors name it. */
export function describeShaping({ latency, jitter, loss, bandwidth, seed }: PacketShaping): string {
  return [
    latency ? `latency ${latency} ms` : "",
    jitter ? `jitter ${jitter} ms` : "",
    loss ? `loss ${loss}` : "",
    bandwidth ? `bandwidth ${bandwidth} bit/s` : "",
    jitter || loss ? `seed ${seed}` : "",
  ].filter((each) => each !== "").join(", ");
}

function checkProvable({ latency, loss = 0, bandwidth }: PacketShaping): void {
  const isAlone = latency === 0 && bandwidth === undefined;
  const { most, least } = PROVABLE_LOSS;
  if (loss > 0 && loss < least || loss > most && !isAlone) {
    throw new RangeError(
      `Cannot show a loss of ${loss}: it takes one from ${least} to ${most}, or a greater one alone; ` +
        "or say { proof: false }",
    );
  }
}

function checkRange(
  name: string,
  value: number,
  { lowest, highest }: { lowest: number; highest: number },
): void {
  if (value >= lowest && value <= highest) return;
  throw new RangeError(
    `Cannot shape packets: ${name} ${value} is not between ${lowest} and ${highest}`,
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
