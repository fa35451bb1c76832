import type { PacketRule, PacketShape } from "../../agent/host/host.ts";
import type { FaultMeasurement } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ExpectedShape } from "./expected_shape.ts";
import { nameOf } from "./fault_options.ts";
import { rulesOf } from "./link_rules.ts";
import type { NetworkLink } from "./network_links.ts";
import { measureBandwidth } from "./measure_bandwidth.ts";
import { measureLoss } from "./measure_loss.ts";
import { measureSeries } from "./measure_series.ts";
import { measureTimes } from "./measure_times.ts";
import type { MeasuredLink } from "./measured_link.ts";
import type { ProbePort, Probes } from "./probes.ts";
import { addressesOf, type Cut } from "./prove_cut.ts";

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
    links: readonly NetworkLink[],
    expectedOf: (link: NetworkLink) => ExpectedShape,
  ): Promise<FaultMeasurement[]> {
    const expected = links.map(expectedOf);
    const targets = await Promise.all(
      links.map((link, i) => this.#probes.portFor(link, expected[i]!)),
    );
    await this.#include(links, targets);
    try {
      const measured = await Promise.allSettled(
        links.map((link, i) => this.#measureLink(link, targets[i]!, expected[i]!)),
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
  async #include(links: readonly NetworkLink[], targets: readonly ProbePort[]): Promise<void> {
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

  #rulesOf(link: NetworkLink, { port }: ProbePort): { node: Node; rule: PacketRule }[] {
    const { survey } = this.#cut;
    const options = { protocol: "udp", port } as const;
    return rulesOf([link], { survey, options }).flatMap(({ node, rules }) =>
      rules.map(({ rule }) => ({ node, rule }))
    );
  }

  async #measureLink(
    link: NetworkLink,
    target: ProbePort,
    expected: ExpectedShape,
  ): Promise<FaultMeasurement[]> {
    const places = this.#rulesOf(link, target);
    const rules = places.map(({ rule }) => rule);
    const { packetsOf, survey, signal } = this.#cut;
    const packets = await packetsOf(places[0]!.node);
    await using passed = await packets.count(rules, { signal });
    const sender = this.#probes.senderOf(link.from);
    const watch = () => packets.watch(rules, { signal });
    const measurements: FaultMeasurement[] = [];
    const addresses = link.to === "outside" ? [target.hostname] : addressesOf(link, survey);
    for (const [place, hostname] of addresses.entries()) {
      const measured: MeasuredLink = {
        ...{ link, address: hostname, target: { ...target, hostname }, sender },
        ...{ passed, watch, expected, signal },
      };
      const named = { from: nameOf(link.from), to: nameOf(link.to), address: hostname };
      // What is random is so by the packet, whatever its address is.
      const measures = place === 0 ? MEASURES : [measureTimes];
      for (const measure of measures) {
        measurements.push(...(await measure(measured)).map((each) => ({ ...named, ...each })));
      }
    }
    return measurements;
  }
}

/** Each of a quantity, or of several that are seen by the same probes. */
const MEASURES = [measureTimes, measureLoss, measureSeries, measureBandwidth];
