import type { PacketShaping } from "../../agent/host/host.ts";
import { deviation } from "../../agent/host/packets/deviation.ts";
import { draw } from "../../agent/host/packets/draw.ts";
import type { NetworkLink } from "./network_links.ts";
import type { ActiveFault, Cut } from "./prove_cut.ts";

/** What all faults together do to the probes of a link, and which of that a fault is to show. */
export interface ExpectedShape {
  /** Whether no answer comes back: probes are timed until they have passed, and not both ways. */
  readonly isOneWay: boolean;
  /** Milliseconds, one way or both. */
  readonly latency: number;
  /** Milliseconds by which that differs at most. */
  readonly jitter: number;
  readonly loss: number;
  /** Of what does not arrive as it was sent. */
  readonly correlation: number;
  readonly duplicate: number;
  /** Of one way, and of a round trip. */
  readonly reorder: { readonly there: number; readonly both: number };
  readonly corrupt: number;
  readonly bandwidth: number | undefined;
  /** Milliseconds of so many round trips as they are to be, in ascending order. */
  readonly drawTrips: (count: number) => readonly number[];
  /** That of the fault alone. */
  readonly own: PacketShaping;
}

/** With those of other faults, of which some may concern this link only in part. */
export function expectedOf(
  link: NetworkLink,
  { faults }: Pick<Cut, "faults">,
  own: PacketShaping,
): ExpectedShape {
  const there = shapingsOf(link, faults);
  const wayBack = { from: link.to, to: link.from };
  const isOneWay = link.to === "outside" || isCut(wayBack, faults);
  const both = isOneWay ? there : [...there, ...shapingsOf(wayBack, faults)];
  const bandwidth = Math.min(...there.map(({ bandwidth = Infinity }) => bandwidth));
  return {
    isOneWay,
    latency: sum(both.map(({ latency = 0 }) => latency)),
    jitter: sum(both.map(({ jitter = 0 }) => jitter)),
    loss: any(there.map(({ loss }) => loss)),
    correlation: correlationOf(there),
    duplicate: any(there.map(({ duplicate }) => duplicate)),
    reorder: {
      there: any(there.map(({ reorder }) => reorder)),
      both: any(both.map(({ reorder }) => reorder)),
    },
    corrupt: any(there.map(({ corrupt }) => corrupt)),
    bandwidth: bandwidth === Infinity ? undefined : bandwidth,
    drawTrips: (count) => tripsOf(both, count),
    own,
  };
}

/** Whether a fault lets no probe pass. */
export function isCut({ from, to }: NetworkLink, faults: readonly ActiveFault[]): boolean {
  return faults.some(({ links, shaping, filter: { port, protocol } }) =>
    shaping === undefined && port === undefined && (protocol ?? "udp") === "udp" &&
    links.some((link) => link.from === from && link.to === to)
  );
}

function shapingsOf({ from, to }: NetworkLink, faults: readonly ActiveFault[]): PacketShaping[] {
  return faults.flatMap(({ shaping, links, filter }, place) => {
    // Probes of this fault are among its packets whatever its filter is; another's are not.
    const isWhole = place === 0 ||
      filter.port === undefined && (filter.protocol ?? "udp") === "udp";
    const isOf = links.some((link) => link.from === from && link.to === to);
    return shaping && isWhole && isOf ? [shaping] : [];
  });
}

/** How probable it is that at least one of these happens. */
function any(probabilities: readonly (number | undefined)[]): number {
  return 1 - probabilities.reduce<number>((none, each = 0) => none * (1 - each), 1);
}

/**
 * How much it depends on the packet before whether one passes as it was sent: by how often two in a row do,
 * as their losses depend on each other, and their changes do not.
 */
function correlationOf(shapings: readonly PacketShaping[]): number {
  let [one, two] = [1, 1];
  for (const { loss = 0, correlation = 0, corrupt = 0 } of shapings) {
    one *= (1 - loss) * (1 - corrupt);
    two *= ((1 - loss) ** 2 + correlation * loss * (1 - loss)) * (1 - corrupt) ** 2;
  }
  return one === 0 || one === 1 ? 0 : (two - one ** 2) / (one * (1 - one));
}

function tripsOf(shapings: readonly PacketShaping[], length: number): number[] {
  const trips = Array.from(
    { length },
    (_, trip) => sum(shapings.map((shaping, place) => latencyOf(shaping, [trip, place]))),
  );
  return trips.sort((a, b) => a - b);
}

function latencyOf(
  { latency = 0, jitter = 0, distribution = "uniform", reorder = 0 }: PacketShaping,
  [trip, place]: readonly [number, number],
): number {
  const drawn = (what: number) => draw(trip, place, what);
  if (drawn(0) < reorder) return 0;
  return Math.max(0, latency + jitter * deviation(distribution, [drawn(1), drawn(2)]));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
