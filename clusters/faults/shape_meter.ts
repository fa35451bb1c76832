import { delay } from "../../agent/delay.ts";
import type { PacketHold, PacketRule, PacketShape } from "../../agent/host/host.ts";
import type { FaultMeasurement } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ExpectedShape } from "./expected_shape.ts";
import { nameOf } from "./fault_options.ts";
import { rulesOf } from "./link_rules.ts";
import type { Link } from "./links.ts";
import { addressesOf, type Cut } from "./prove_cut.ts";
import type { ProbePort, Probes } from "./probes.ts";

/** Round trips that are timed, at most and at least, milliseconds that they may take, and between two. */
const TRIPS = { most: 40, least: 10, duration: 1_000, interval: 3 };

/** Milliseconds that a machine with other work to do may add to a round trip. */
const BUSY = 250;

/** Datagrams by which losses are counted, at most and at least, a second, and how many of them are lost. */
const LOSSES = { most: 20_000, least: 100, rate: 10_000, duration: 2_000, lost: 20 };

/** Milliseconds for which a bandwidth is measured, and datagrams that are sent then: few, for a busy sender. */
const TRANSFER = { duration: 700, least: 20, most: 3_000 };

/** Bytes of datagrams: long ones are carried in parts, and are whole again where they are shaped. */
const SIZES = { least: 64, most: 60_000 };

/** Bytes of the headers before those of a datagram. */
const HEADERS = { ipv4: 28, ipv6: 48 };

/** Milliseconds between two looks, and for which nothing more comes. */
const INTERVAL = 10;
const SILENCE = 400;

type Measured = Omit<FaultMeasurement, "from" | "to" | "address">;

/** Where the probes of one link go, and what counts those that have passed. */
interface MeasuredLink {
  readonly link: Link;
  readonly address: string;
  readonly target: ProbePort;
  readonly passed: PacketHold;
  readonly expected: ExpectedShape;
}

/** Measures what becomes of probes. The kernel counts them: who takes them may be slow. */
export class ShapeMeter {
  readonly #cut: Cut;
  readonly #probes: Probes;

  constructor(cut: Cut, probes: Probes) {
    this.#cut = cut;
    this.#probes = probes;
  }

  /** Measures all that is expected of each link, all links at the same time. */
  async measure(
    links: readonly Link[],
    expectedOf: (link: Link) => ExpectedShape,
  ): Promise<FaultMeasurement[]> {
    const targets = await Promise.all(links.map((link) => this.#probes.portFor(link)));
    await this.#include(links, targets);
    try {
      const measured = await Promise.allSettled(
        links.map((link, i) => this.#measureLink(link, targets[i]!, expectedOf(link))),
      );
      return measured.flatMap((each) => {
        if (each.status === "rejected") throw each.reason;
        return each.value;
      });
    } finally {
      await this.#include([], []);
    }
  }

  /** Has the fault concern the probes, whatever packets it is to concern otherwise. */
  async #include(links: readonly Link[], targets: readonly ProbePort[]): Promise<void> {
    const { port, protocol } = this.#cut.options;
    if (port === undefined && (protocol ?? "udp") === "udp") return;
    const byNode = Map.groupBy(
      links.flatMap((link, i) => this.#rulesOf(link, targets[i]!)),
      ({ node }) => node,
    );
    await Promise.all(Array.from(this.#cut.holds, async ([node, hold]) => {
      const rules = byNode.get(node)?.map(({ rule }) => rule) ?? [];
      await (hold as PacketShape).include(rules);
    }));
  }

  #rulesOf(link: Link, { port }: ProbePort): { node: Node; rule: PacketRule }[] {
    const { survey } = this.#cut;
    const options = { protocol: "udp", port } as const;
    return rulesOf([link], { survey, options }).flatMap(({ node, rules }) =>
      rules.map(({ rule }) => ({ node, rule }))
    );
  }

  async #measureLink(
    link: Link,
    target: ProbePort,
    expected: ExpectedShape,
  ): Promise<FaultMeasurement[]> {
    const rules = this.#rulesOf(link, target);
    const { packetsOf, survey, signal } = this.#cut;
    const packets = await packetsOf(rules[0]!.node);
    await using passed = await packets.count(rules.map(({ rule }) => rule), { signal });
    const measurements: FaultMeasurement[] = [];
    const addresses = link.to === "outside" ? [target.hostname] : addressesOf(link, survey);
    for (const [place, address] of addresses.entries()) {
      const each = { link, address, target: { ...target, hostname: address }, passed, expected };
      const named = { from: nameOf(link.from), to: nameOf(link.to), address };
      const found = [
        ...await this.#latency(each),
        ...place === 0 ? [...await this.#loss(each), ...await this.#bandwidth(each)] : [],
      ];
      measurements.push(...found.map((measured) => ({ ...named, ...measured })));
    }
    return measurements;
  }

  async #latency(measured: MeasuredLink): Promise<Measured[]> {
    const { latency, jitter, bandwidth = Infinity, own } = measured.expected;
    if (!own.latency) return [];
    const slow = bitsOf(measured, SIZES.least) * 1_000 / bandwidth;
    const interval = Math.ceil(TRIPS.interval + 3 * slow);
    const count = clamp(Math.floor(TRIPS.duration / interval), TRIPS);
    const times = await this.#times(measured, { count, interval });
    const probes = measured.link.to === "outside" ? TRIPS.least : count;
    const median = quantile(times, 0.5);
    const found: Measured[] = [{
      quantity: "latency",
      asked: latency,
      measured: median,
      // The median of so few differs by a part of the jitter.
      accepted: [latency - 0.6 * jitter - 0.5, 1.5 * latency + 0.6 * jitter + 3 * slow + BUSY],
      probes,
    }];
    if (own.jitter) {
      found.push({
        quantity: "jitter",
        asked: jitter,
        measured: (quantile(times, 0.9) - quantile(times, 0.1)) / 1.6,
        accepted: [0.4 * jitter, 2 * jitter + BUSY],
        probes,
      });
    }
    return found;
  }

  /** Round trips; where nobody answers, the times until probes were counted. */
  async #times(
    measured: MeasuredLink,
    { count, interval }: { count: number; interval: number },
  ): Promise<number[]> {
    const { link, target, expected: { latency, jitter } } = measured;
    const patience = Math.ceil(latency + jitter + 10 * BUSY);
    const { signal } = this.#cut;
    const { packets } = this.#probes.senderOf(link.from);
    if (link.to === "outside") return await this.#timesOneWay(measured, patience);
    const times = await packets.timeProbes({
      ...{ hostname: target.hostname, port: target.port, count, interval, patience },
    }, { signal });
    return times.toSorted((a, b) => a - b);
  }

  async #timesOneWay(measured: MeasuredLink, patience: number): Promise<number[]> {
    const times: number[] = [];
    for (let i = 0; i < TRIPS.least; i++) {
      const started = performance.now();
      const before = await countOf(measured);
      await this.#send(measured, { count: 1 });
      while (await countOf(measured) === before && performance.now() - started < patience) {
        await delay(1, this.#cut.signal);
      }
      times.push(performance.now() - started);
    }
    return times.toSorted((a, b) => a - b);
  }

  async #loss(measured: MeasuredLink): Promise<Measured[]> {
    const { loss, bandwidth = Infinity, latency, jitter, own } = measured.expected;
    if (!own.loss) return [];
    const possible = bandwidth / (2 * bitsOf(measured, SIZES.least));
    const rate = Math.max(1, Math.floor(Math.min(LOSSES.rate, possible)));
    const wanted = Math.ceil(LOSSES.lost / loss);
    const most = Math.min(LOSSES.most, Math.ceil(rate * LOSSES.duration / 1_000));
    const count = clamp(wanted, { least: Math.min(LOSSES.least, most), most });
    const before = await countOf(measured);
    await this.#send(measured, { count, rate });
    const { count: after } = await this.#settled(measured, latency + jitter + SILENCE);
    const deviation = Math.sqrt(loss * (1 - loss) / count);
    return [{
      quantity: "loss",
      asked: loss,
      measured: 1 - (after - before) / count,
      accepted: [
        Math.max(loss - 4 * deviation, Math.min(loss, 1 / count)),
        Math.min(1, loss + 4 * deviation + 5 / count),
      ],
      probes: count,
    }];
  }

  /** What is sent faster passes as fast as the link lets it; that it was faster has to be seen as well. */
  async #bandwidth(measured: MeasuredLink): Promise<Measured[]> {
    const { bandwidth, latency, jitter, loss, own } = measured.expected;
    if (bandwidth === undefined || own.bandwidth === undefined) return [];
    const bits = bandwidth * TRANSFER.duration / 1_000;
    const size = clamp(Math.floor(bits / 8 / TRANSFER.least), SIZES);
    const eachBits = bitsOf(measured, size);
    const count = clamp(Math.ceil(bits / eachBits), TRANSFER);
    const started = performance.now();
    const passing = this.#settled(
      measured,
      latency + jitter + SILENCE + 3 * eachBits * 1_000 / bandwidth,
    );
    await this.#send(measured, { count, size });
    const offered = count * eachBits * 1_000 / (performance.now() - started);
    const { elapsed, passed } = await passing;
    return [{
      quantity: "bandwidth",
      asked: bandwidth,
      measured: elapsed === 0 ? offered : passed * eachBits * 1_000 / elapsed,
      accepted: [0.5 * (1 - loss) * bandwidth, Math.min(1.15 * bandwidth, offered / 1.1)],
      probes: count,
    }];
  }

  async #send(
    { link, target }: MeasuredLink,
    probes: { count: number; size?: number; rate?: number },
  ): Promise<void> {
    const { packets } = this.#probes.senderOf(link.from);
    const { hostname, port } = target;
    const mark = crypto.randomUUID();
    await packets.sendProbes({ hostname, port, mark, ...probes }, { signal: this.#cut.signal });
  }

  /** Looks until nothing has come for some time: how many there are, and how fast they came. */
  async #settled(measured: MeasuredLink, silence: number): Promise<Passing> {
    let count = await countOf(measured);
    let [first, last] = [{ count, at: 0 }, { count, at: performance.now() }];
    while (performance.now() - last.at < silence) {
      await delay(INTERVAL, this.#cut.signal);
      count = await countOf(measured);
      if (count === last.count) continue;
      last = { count, at: performance.now() };
      if (first.at === 0) first = last;
    }
    return {
      count,
      passed: last.count - first.count,
      elapsed: first.at === 0 ? 0 : last.at - first.at,
    };
  }
}

/** What has passed between the first look at which something had, and the last. */
interface Passing {
  readonly count: number;
  readonly passed: number;
  readonly elapsed: number;
}

async function countOf({ passed }: MeasuredLink): Promise<number> {
  return (await passed.counts()).reduce((sum, each) => sum + each, 0);
}

function bitsOf({ address }: MeasuredLink, size: number): number {
  return 8 * (size + (address.includes(":") ? HEADERS.ipv6 : HEADERS.ipv4));
}

function clamp(number: number, { least, most }: { least: number; most: number }): number {
  return Math.min(most, Math.max(least, number));
}

/** Of sorted numbers; `Infinity` if there are none. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))] ?? Infinity;
}
