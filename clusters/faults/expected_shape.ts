import type { PacketShaping } from "../../agent/host/host.ts";
import type { ActiveFault, Cut } from "./prove_cut.ts";
import type { Link } from "./links.ts";

/** What all faults together do to the probes of a link, and which of that a fault is to show. */
export interface ExpectedShape {
  /** Milliseconds, one way or both. */
  readonly latency: number;
  /** Milliseconds by which a round trip differs at most, both ways. */
  readonly jitter: number;
  readonly loss: number;
  readonly bandwidth: number | undefined;
  /** That of the fault alone. */
  readonly own: PacketShaping;
}

/** With those of other faults, of which some may concern this link only in part. */
export function expectedOf(link: Link, { faults }: Cut, own: PacketShaping): ExpectedShape {
  const there = shapingsOf(link, faults);
  const back = shapingsOf({ from: link.to, to: link.from }, faults);
  const both = [...there, ...back];
  const bandwidth = Math.min(...there.map(({ bandwidth = Infinity }) => bandwidth));
  return {
    latency: sum(both.map(({ latency = 0 }) => latency)),
    jitter: sum(both.map(({ jitter = 0 }) => jitter)),
    loss: 1 - there.reduce((passing, { loss = 0 }) => passing * (1 - loss), 1),
    bandwidth: bandwidth === Infinity ? undefined : bandwidth,
    own,
  };
}

function shapingsOf({ from, to }: Link, faults: readonly ActiveFault[]): PacketShaping[] {
  return faults.flatMap(({ shaping, links, filter }, place) => {
    // Probes of this fault are among its packets whatever its filter is; another's are not.
    const isWhole = place === 0 ||
      filter.port === undefined && (filter.protocol ?? "udp") === "udp";
    const isOf = links.some((link) => link.from === from && link.to === to);
    return shaping && isWhole && isOf ? [shaping] : [];
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
