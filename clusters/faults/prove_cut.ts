import type {
  HostPackets,
  PacketHold,
  PacketProtocol,
  PacketShaping,
} from "../../agent/host/host.ts";
import { failuresOf } from "../concurrency/mod.ts";
import type { Node } from "../node/mod.ts";
import type { Survey } from "./fault_context.ts";
import { type FaultOptions, nameOf } from "./fault_options.ts";
import type { FaultCheck, FaultProof } from "../events/mod.ts";
import type { NetworkLink } from "./network_links.ts";
import { familyOf, widelyReachable } from "./probed_addresses.ts";
import { Probes } from "./probes.ts";

/** Links of a fault that are checked, at most: of more, a sample. */
const MAX_LINKS = 64;

/** Links without a fault that are checked as a control. */
const MAX_CONTROLS = 4;

/** A fault that there is. */
export interface ActiveFault {
  readonly links: readonly NetworkLink[];
  readonly shaping: PacketShaping | undefined;
  readonly filter: Pick<FaultOptions, "port" | "protocol">;
}

/** What a proof is about. */
export interface Cut {
  /** The links that let packets pass no more, or again. */
  readonly links: readonly NetworkLink[];
  /** Links that no fault concerns. */
  readonly controls: readonly NetworkLink[];
  /** Whether another fault concerns a link as well. */
  readonly isCutElsewhere: (link: NetworkLink) => boolean;
  readonly options: Pick<FaultOptions, "port" | "protocol">;
  readonly survey: Survey;
  /** How many packets of a link were dropped until now. */
  readonly dropped: (link: NetworkLink) => Promise<number>;
  /** How many packets of a link this fault has concerned until now. */
  readonly concerned: (link: NetworkLink) => Promise<number>;
  /** This fault, and those that there are beside it. */
  readonly faults: readonly ActiveFault[];
  /** What this fault does on each of the nodes. */
  readonly holds: ReadonlyMap<Node, PacketHold>;
  /** What changes the packets of a node. */
  readonly packetsOf: (node: Node) => Promise<HostPackets>;
  readonly signal: AbortSignal;
}

/** Checks that nothing passes these links any more, and that others do. */
export function proveCut(cut: Cut): Promise<FaultProof> {
  return prove(cut, [
    ...checksOf(sample(cut.links, MAX_LINKS), cut, "dropped"),
    ...controlChecks(cut),
  ]);
}

/** What the fault does not concern passes. */
export function controlChecks(cut: Cut): PlannedCheck[] {
  return [
    ...checksOf(sample(cut.controls, MAX_CONTROLS), withoutFilter(cut), "arrived"),
    ...filterControls(cut),
  ];
}

/** Checks that probes pass these links again. */
export function proveHealed(cut: Cut): Promise<FaultProof> {
  return prove(cut, checksOf(sample(freeLinks(cut), MAX_LINKS), withoutFilter(cut), "arrived"));
}

/** A check that is to be made. */
export interface PlannedCheck {
  readonly link: NetworkLink;
  readonly address: string;
  readonly protocol: PacketProtocol;
  readonly port?: number | undefined;
  readonly expected: FaultCheck["expected"];
}

async function prove(cut: Cut, planned: readonly PlannedCheck[]): Promise<FaultProof> {
  const started = performance.now();
  await using probes = new Probes((node) => cut.survey.get(node)!.host, cut.signal);
  const { checks, links } = await checkAll(planned, cut, probes);
  return {
    checks,
    links: cut.links.length,
    checkedLinks: links.filter((link) => cut.links.includes(link)).length,
    elapsed: performance.now() - started,
  };
}

/** Makes checks; resolves to what they have shown, and to the links that they were of. */
export async function checkAll(
  planned: readonly PlannedCheck[],
  cut: Cut,
  probes: Probes,
): Promise<{ readonly checks: FaultCheck[]; readonly links: NetworkLink[] }> {
  // What is dropped is counted for a link: the checks of one are made one after the other.
  const byLink = [...Map.groupBy(planned, ({ link }) => link).values()];
  const results = await Promise.allSettled(byLink.map((each) => checkInTurn(each, cut, probes)));
  for (const failure of failuresOf(results)) throw failure;
  return {
    checks: results.flatMap((each) => (each as PromiseFulfilledResult<FaultCheck[]>).value),
    links: byLink.map(([first]) => first!.link),
  };
}

async function checkInTurn(
  planned: readonly PlannedCheck[],
  cut: Cut,
  probes: Probes,
): Promise<FaultCheck[]> {
  const checks: FaultCheck[] = [];
  for (const each of planned) checks.push(await check(each, cut, probes));
  return checks;
}

async function check(
  { link, address, protocol, port, expected }: PlannedCheck,
  { dropped, concerned }: Cut,
  probes: Probes,
): Promise<FaultCheck> {
  const counted = expected === "shaped" ? concerned : dropped;
  const outcome = await probes.send({
    ...link,
    ...{ address, protocol, port, dropped: () => counted(link) },
  });
  return { from: nameOf(link.from), to: nameOf(link.to), address, protocol, expected, ...outcome };
}

export function checksOf(
  links: readonly NetworkLink[],
  { options: { port, protocol }, survey }: Cut,
  expected: FaultCheck["expected"],
): PlannedCheck[] {
  const protocols = protocol ? [protocol] : ["udp", "tcp"] as const;
  return links.flatMap((link) =>
    addressesOf(link, survey).flatMap((address) =>
      protocols.map((protocol) => ({ link, address, protocol, port, expected }))
    )
  );
}

/** The addresses of the receiver that are of a family that the sender has as well. */
export function addressesOf({ from, to }: NetworkLink, survey: Survey): string[] {
  const addresses = (node: Node) => widelyReachable(survey.get(node)!.addresses);
  if (to === "outside") return [to];
  if (from === "outside") return addresses(to).slice(0, 1);
  const families = new Set(addresses(from).map(familyOf));
  const byFamily = Map.groupBy(addresses(to), familyOf);
  return [...families].flatMap((family) => byFamily.get(family)?.slice(0, 1) ?? []);
}

/** As a control, or after a fault, any packets will do. */
function withoutFilter(cut: Cut): Cut {
  return { ...cut, options: { protocol: "udp" } };
}

/** Links between nodes that nothing else concerns. */
function freeLinks({ links, isCutElsewhere }: Cut): NetworkLink[] {
  const isWithin = ({ from, to }: NetworkLink) => from !== "outside" && to !== "outside";
  return links.filter((link) => isWithin(link) && !isCutElsewhere(link));
}

/** Of a fault of a port or a protocol, other packets still pass the same links. */
function filterControls(cut: Cut): PlannedCheck[] {
  const { port, protocol } = cut.options;
  if (port === undefined && protocol === undefined) return [];
  const other = port === undefined && protocol === "udp" ? "tcp" : "udp";
  const options = { protocol: other } as const;
  return checksOf(sample(freeLinks(cut), MAX_CONTROLS), { ...cut, options }, "arrived");
}

/** Up to so many of them, evenly spread. */
export function sample<T>(items: readonly T[], count: number): T[] {
  if (items.length <= count) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor(i * items.length / count)]!);
}
