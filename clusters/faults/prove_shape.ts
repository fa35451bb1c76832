import type { PacketShaping } from "../../agent/host/host.ts";
import type { FaultMeasurement, FaultProof } from "../events/mod.ts";
import { checkAll, checksOf, controlChecks, type Cut, sample } from "./prove_cut.ts";
import { ShapeMeter } from "./shape_meter.ts";
import type { NetworkLink } from "./network_links.ts";
import { Probes } from "./probes.ts";
import { expectedOf, isCut } from "./expected_shape.ts";

/** Links of a fault that are measured, at most: of more, a sample. */
const MAX_LINKS = 16;

/** Links that are measured at the same time: probes of many would take each other's time. */
const AT_ONCE = 4;

/**
 * Measures that packets of these links are late, lost, and as slow as they are to be, that others are not, and
 * that the fault concerns the packets which it is to concern.
 */
export async function proveShape(cut: Cut, shaping: PacketShaping): Promise<FaultProof> {
  const started = performance.now();
  await using probes = new Probes((node) => cut.survey.get(node)!.host, cut.signal);
  const links = sample(cut.links.filter((link) => !isCut(link, cut.faults)), MAX_LINKS);
  const planned = [...checksOf(links, cut, "shaped"), ...controlChecks(cut)];
  const { checks } = await checkAll(planned, cut, probes);
  const measurements: FaultMeasurement[] = [];
  // Probes of several links that end at one node are told apart by their rules, and included at once.
  for (const group of groupsOf(links)) {
    const meter = new ShapeMeter(cut, probes);
    const measured = await meter.measure(group, (link) => expectedOf(link, cut, shaping));
    measurements.push(...measured);
  }
  return {
    checks,
    measurements,
    links: cut.links.length,
    checkedLinks: links.length,
    elapsed: performance.now() - started,
  };
}

function groupsOf(links: readonly NetworkLink[]): NetworkLink[][] {
  const count = Math.ceil(links.length / AT_ONCE);
  return Array.from({ length: count }, (_, i) => links.slice(i * AT_ONCE, (i + 1) * AT_ONCE));
}
