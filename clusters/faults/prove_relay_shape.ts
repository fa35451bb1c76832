import type { PacketShaping } from "../../agent/host/host.ts";
import { failuresOf } from "../concurrency/mod.ts";
import type { FaultMeasurement, FaultProof } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import { expectedOf } from "./expected_shape.ts";
import { nameOf } from "./fault_options.ts";
import { LinkSet, type NetworkLink } from "./network_links.ts";
import { measureRelayBandwidth, timeRelay } from "./measure_relay.ts";
import { judgedTimes } from "./measure_times.ts";
import type { Measured } from "./measured_link.ts";
import { type ActiveFault, sample } from "./prove_cut.ts";
import { canAnswer, type RelayCut, relaysConcerned } from "./prove_relays.ts";

/** Links that are measured, at most: of more, a sample. */
const MAX_LINKS = 16;

/** Links that are measured at the same time: probes of many would take each other's time. */
const AT_ONCE = 4;

/** Round trips that are timed: each on a connection of its own, for those of one keep their order. */
const TRIPS = { latency: 10, jitter: 40 };

/** Round trips that are drawn to know how long they are to be. */
const DRAWN = 2_000;

/** Milliseconds that the hops of a relay may take on a machine with other work to do. */
const HOPS = 100;

/** Measures that what passes these relayed links is as late and slow as it is to be, and that others pass. */
export async function relaysShaped(cut: RelayCut, shaping: PacketShaping): Promise<FaultProof> {
  const started = performance.now();
  const isTcp = (cut.options.protocol ?? "tcp") === "tcp";
  const passing = cut.links.filter((link) => canAnswer(link) && !isCut(link, cut));
  const links = sample(isTcp ? passing : [], MAX_LINKS);
  const proof = await relaysConcerned({ ...cut, links }, "shaped");
  const measurements: FaultMeasurement[] = [];
  for (let i = 0; i < links.length; i += AT_ONCE) {
    const group = links.slice(i, i + AT_ONCE);
    const measured = await Promise.allSettled(group.map((link) => measure(link, cut, shaping)));
    for (const failure of failuresOf(measured)) throw failure;
    measurements.push(...measured.flatMap((each) => each.status === "fulfilled" ? each.value : []));
  }
  const elapsed = performance.now() - started;
  return { ...proof, measurements, links: cut.links.length, elapsed };
}

async function measure(
  link: NetworkLink,
  cut: RelayCut,
  shaping: PacketShaping,
): Promise<FaultMeasurement[]> {
  const expected = expectedOf(link, { faults: concerning(cut) }, shaping);
  const { bandwidth = Infinity, latency, drawTrips } = expected;
  const { context, signal, options: { port: countsAs } } = cut;
  const relay = { link, context, signal };
  const measured: Measured[] = [];
  if (shaping.latency) {
    const count = shaping.jitter ? TRIPS.jitter : TRIPS.latency;
    const times = await timeRelay(relay, { count, countsAs });
    const slow = HOPS + count * 8_000 / bandwidth;
    measured.push(...judgedTimes({ ...expected, times, trips: drawTrips(DRAWN), slow }));
  }
  if (shaping.bandwidth) {
    const found = await measureRelayBandwidth(relay, { asked: bandwidth, countsAs, latency });
    measured.push(bandwidthOf(bandwidth, found));
  }
  const named = {
    from: nameOf(link.from),
    to: nameOf(link.to),
    address: (link.to as Node).address,
  };
  return measured.map((each) => ({ ...named, ...each }));
}

function bandwidthOf(asked: number, measured: number): Measured {
  const accepted = [0.5 * asked, 1.15 * asked] as const;
  return { quantity: "bandwidth", asked, measured, accepted, probes: 1 };
}

/** Faults that concern the probes of this one, which are of its port. */
function concerning({ faults, options: { port: own } }: RelayCut): ActiveFault[] {
  return faults.flatMap(({ links, shaping, filter: { port = own, protocol = "tcp" } }, place) =>
    place === 0 || port === own && protocol === "tcp" ? [{ links, shaping, filter: {} }] : []
  );
}

/** Whether another fault lets no probe pass: a connection needs both ways. */
function isCut({ from, to }: NetworkLink, { faults }: RelayCut): boolean {
  const cut = new LinkSet(faults.filter(({ shaping }) => !shaping).flatMap(({ links }) => links));
  return cut.has({ from, to }) || cut.has({ from: to, to: from });
}
