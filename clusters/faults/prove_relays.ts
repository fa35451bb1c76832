import { Deadline } from "../../agent/deadline.ts";
import { delay } from "../../agent/delay.ts";
import type { HostConnection } from "../../agent/host/host.ts";
import { failuresOf } from "../concurrency/mod.ts";
import type { FaultCheck, FaultProof } from "../events/mod.ts";
import { insidesOf, type Node } from "../node/mod.ts";
import type { FaultContext } from "./fault_context.ts";
import { type FaultOptions, nameOf } from "./fault_options.ts";
import type { NetworkLink } from "./network_links.ts";
import { type ActiveFault, sample } from "./prove_cut.ts";
import { RelayedService } from "./relayed_service.ts";

/** Links that are checked, at most: of more, a sample. */
const MAX_LINKS = 64;

/** Links without a fault that are checked as a control. */
const MAX_CONTROLS = 2;

/** Nodes among which controls are looked for. */
const MAX_NODES = 32;

/** Milliseconds that a probe has to arrive, or to be held. */
const PATIENCE = 3_000;

/** Milliseconds between two looks at what has become of a probe. */
const INTERVAL = 5;

/** What a proof about relays is about. */
export interface RelayCut {
  readonly links: readonly NetworkLink[];
  /** Whether no other fault concerns a link, either way. */
  readonly isFree: (link: NetworkLink) => boolean;
  /** Whether it is one of the links, or the way back of one. */
  readonly isOurs: (link: NetworkLink) => boolean;
  /** How often the fault has concerned something on a link until now. */
  readonly concernedOf: (link: NetworkLink) => number;
  /** This fault, and those that there are beside it. */
  readonly faults: readonly ActiveFault[];
  readonly options: Pick<FaultOptions, "port" | "protocol">;
  readonly context: FaultContext;
  readonly signal: AbortSignal;
}

/** Checks that connections are held at these links, and others pass. */
export function relaysCut(cut: RelayCut): Promise<FaultProof> {
  return relaysConcerned(cut, "dropped");
}

/** Checks that the fault concerns connections at these links, and others pass. */
export function relaysConcerned(
  cut: RelayCut,
  expected: "dropped" | "shaped",
): Promise<FaultProof> {
  const { links, options: { port }, isFree } = cut;
  const answering = sample(links.filter(canAnswer), MAX_LINKS);
  const free = answering.filter(isFree).slice(0, MAX_CONTROLS);
  return prove(cut, [
    ...answering.map((link) => ({ link, countsAs: port, expected })),
    ...controlsOf(cut).map((link) => ({ link, expected: "arrived" as const })),
    // Of a fault of one port, others pass the same links.
    ...port === undefined
      ? []
      : free.map((link) => ({ link, countsAs: port % 65_535 + 1, expected: "arrived" as const })),
  ]);
}

/** Checks that connections pass these links again. */
export function relaysHealed(cut: RelayCut): Promise<FaultProof> {
  const { links, options: { port: countsAs }, isFree } = cut;
  const free = sample(links.filter((link) => canAnswer(link) && isFree(link)), MAX_LINKS);
  return prove(cut, free.map((link) => ({ link, countsAs, expected: "arrived" as const })));
}

/** One proof of two parts. */
export function joinedProofs(one: FaultProof, other: FaultProof): FaultProof {
  const measurements = [...one.measurements ?? [], ...other.measurements ?? []];
  return {
    ...one,
    checks: [...one.checks, ...other.checks],
    ...measurements.length > 0 && { measurements },
    links: one.links + other.links,
    checkedLinks: one.checkedLinks + other.checkedLinks,
    elapsed: one.elapsed + other.elapsed,
  };
}

interface PlannedProbe {
  readonly link: NetworkLink;
  readonly countsAs?: number | undefined;
  readonly expected: FaultCheck["expected"];
}

async function prove(cut: RelayCut, planned: readonly PlannedProbe[]): Promise<FaultProof> {
  const started = performance.now();
  // Relays carry TCP: of another protocol there is nothing that could pass.
  const { protocol = "tcp" } = cut.options;
  const probes = protocol === "tcp" ? planned : [];
  // What is concerned is counted for a link: the probes of one are sent one after the other.
  const byLink = [...Map.groupBy(probes, ({ link }) => link).values()];
  const results = await Promise.allSettled(byLink.map((each) => probeInTurn(each, cut)));
  for (const failure of failuresOf(results)) throw failure;
  return {
    checks: results.flatMap((each) => (each as PromiseFulfilledResult<FaultCheck[]>).value),
    links: cut.links.length,
    checkedLinks: byLink.filter(([first]) => cut.links.includes(first!.link)).length,
    elapsed: performance.now() - started,
  };
}

async function probeInTurn(planned: readonly PlannedProbe[], cut: RelayCut): Promise<FaultCheck[]> {
  const checks: FaultCheck[] = [];
  for (const each of planned) checks.push(await probe(each, cut));
  return checks;
}

/** Makes a connection that is relayed as those of a link are, and sees whether it arrives. */
async function probe(
  { link, countsAs, expected }: PlannedProbe,
  { context, concernedOf, signal }: RelayCut,
): Promise<FaultCheck> {
  const before = concernedOf(link);
  let arrived = 0;
  const serve = async (connection: HostConnection) => {
    arrived++;
    await connection[Symbol.asyncDispose]();
  };
  await using service = await RelayedService.open(link, { context, signal, countsAs, serve });
  await using _connection = await service.dial(signal);
  const look = () => ({ arrived, dropped: Math.min(concernedOf(link) - before, 1) });
  const outcome = await settled(look, signal);
  const names = { from: nameOf(link.from), to: nameOf(link.to) };
  return { ...names, address: service.hostname, protocol: "tcp", expected, sent: 1, ...outcome };
}

/** Waits until a probe has arrived or is concerned, or for some time. */
async function settled<T extends { readonly arrived: number; readonly dropped: number }>(
  look: () => T,
  signal: AbortSignal,
): Promise<T> {
  using deadline = new Deadline(PATIENCE, [signal]);
  for (;;) {
    const outcome = look();
    if (outcome.arrived > 0 || outcome.dropped > 0 || deadline.isOver) return outcome;
    signal.throwIfAborted();
    await delay(INTERVAL, deadline.signal).catch(() => {});
  }
}

/** Links between nodes that the test relays, and that no fault concerns. */
function controlsOf({ context, isFree, isOurs }: RelayCut): NetworkLink[] {
  const nodes = context.nodes().slice(0, MAX_NODES);
  const found: NetworkLink[] = [];
  for (const from of nodes) {
    for (const to of nodes) {
      if (found.length === MAX_CONTROLS) return found;
      const link = { from, to };
      if (from === to || !context.isRelayed(link) || !canAnswer(link)) continue;
      if (isFree(link) && !isOurs(link)) found.push(link);
    }
  }
  return found;
}

/** Nothing is sent from or to a node that is down or paused. */
export function canAnswer({ from, to }: NetworkLink): boolean {
  return [from, to].every((end) => {
    const { isDown, isPaused } = insidesOf(end as Node);
    return !isDown && !isPaused;
  });
}
