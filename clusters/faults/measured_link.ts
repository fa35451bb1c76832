import { delay } from "../../agent/delay.ts";
import type { PacketHold, PacketWatch } from "../../agent/host/host.ts";
import type { FaultMeasurement } from "../events/mod.ts";
import type { ExpectedShape } from "./expected_shape.ts";
import type { NetworkLink } from "./network_links.ts";
import type { ProbePort, ProbeSender } from "./probes.ts";

/** Milliseconds that a machine with other work to do may add to a round trip. */
export const BUSY = 250;

/** Bytes of datagrams: long ones are carried in parts, and are whole again where they are shaped. */
export const SIZES = { least: 64, most: 60_000 };

/** Bytes of the headers before those of a datagram. */
const HEADERS = { ipv4: 28, ipv6: 48 };

/** Milliseconds between two looks, and for which nothing more comes. */
const INTERVAL = 10;
export const SILENCE = 400;

/** A quantity that was measured of a link. */
export type Measured = Omit<FaultMeasurement, "from" | "to" | "address">;

/** Where the probes of one link go, and who knows which have passed. */
export interface MeasuredLink {
  readonly link: NetworkLink;
  readonly address: string;
  readonly target: ProbePort;
  /** Who sends them. */
  readonly sender: ProbeSender;
  /** Counts those that have passed. */
  readonly passed: PacketHold;
  /** Remembers which have. */
  readonly watch: () => Promise<PacketWatch>;
  readonly expected: ExpectedShape;
  readonly signal: AbortSignal;
}

/** Sends probes on a link. */
export async function sendProbes(
  { sender, target: { hostname, port }, signal }: MeasuredLink,
  probes: { count: number; size?: number; rate?: number; areNumbered?: boolean },
): Promise<void> {
  const mark = crypto.randomUUID();
  await sender.packets.sendProbes({ hostname, port, mark, ...probes }, { signal });
}

/** What has passed between the first look at which something had, and the last. */
export interface Passing {
  readonly count: number;
  readonly passed: number;
  readonly elapsed: number;
}

/**
 * Looks until nothing has come for some time: how many there are, and how fast they came. Looks that take a busy
 * machine long never make them faster than they were.
 */
export async function settled(measured: MeasuredLink, silence: number): Promise<Passing> {
  let count = await countOf(measured);
  let [first, last] = [{ count, at: 0 }, { count, at: performance.now() }];
  while (performance.now() - last.at < silence) {
    await delay(INTERVAL, measured.signal);
    const asked = performance.now();
    count = await countOf(measured);
    if (count === last.count) continue;
    last = { count, at: performance.now() };
    if (first.at === 0) first = { count, at: asked };
  }
  return {
    count,
    passed: last.count - first.count,
    elapsed: first.count === last.count ? 0 : last.at - first.at,
  };
}

/** How many probes have passed. */
export async function countOf({ passed }: MeasuredLink): Promise<number> {
  return (await passed.counts()).reduce((sum, each) => sum + each, 0);
}

/** Bits that a datagram of so many bytes takes on this link. */
export function bitsOf({ address }: MeasuredLink, size: number): number {
  return 8 * (size + (address.includes(":") ? HEADERS.ipv6 : HEADERS.ipv4));
}

/** So many that half of the bandwidth is left: probes a second, at most. */
export function possibleRate(measured: MeasuredLink, most: number): number {
  const { bandwidth = Infinity } = measured.expected;
  const possible = bandwidth / (2 * bitsOf(measured, SIZES.least));
  return Math.max(1, Math.floor(Math.min(most, possible)));
}

/** The number, or the nearest that is within. */
export function clamp(number: number, { least, most }: { least: number; most: number }): number {
  return Math.min(most, Math.max(least, number));
}

/** Of sorted numbers; `Infinity` if there are none. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(clamp(share, { least: 0, most: 1 }) * (sorted.length - 1))] ?? Infinity;
}

/** By how many standard deviations what is found may differ: by chance it is more in one of a million. */
export const DEVIATIONS = 5;

/** Between which shares one counts as shown that was found by so many probes. */
export function acceptedShare(
  share: number,
  { count, deviation }: { readonly count: number; readonly deviation: number },
): [number, number] {
  return [
    Math.max(share - DEVIATIONS * deviation, Math.min(share, 1 / count)),
    Math.min(1, share + DEVIATIONS * deviation + 5 / count),
  ];
}
