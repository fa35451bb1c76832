import { Deadline } from "../../agent/deadline.ts";
import type { HostListener } from "../../agent/host/host.ts";
import { failuresOf, unlessAborted } from "../concurrency/mod.ts";
import type { FaultCheck, FaultProof, OpenWay } from "../events/mod.ts";
import { sharedAddress } from "../links/mod.ts";
import { insidesOf, type Node } from "../node/mod.ts";
import type { FaultContext } from "./fault_context.ts";
import type { NetworkLink } from "./network_links.ts";
import { sample } from "./prove_cut.ts";

/** Pairs of nodes that are looked at, at most: of more, a sample. */
const MAX_PAIRS = 64;

/** Milliseconds that a connection may take. What a network drops is never answered. */
const PATIENCE = 1_000;

/** What a fault does to links. */
export type LinkDeed = "cut" | "shape";

/** What is to be done where a fault concerned nothing. */
export function openRemedy(deed: LinkDeed): string {
  return "\nThe test relays nothing between these nodes, which reach each other by themselves: a node of " +
    "local has this machine's network. Make links by cluster.link() or cluster.mesh(), and give processes " +
    `the addresses of these alone; or ${BESIDES[deed]}`;
}

/** How packets are concerned that pass between a node and this machine. */
const BESIDES: Readonly<Record<LinkDeed, string>> = {
  cut: 'cut a node from this machine, too: partition([node, "outside"])',
  shape: 'shape what a node gets from this machine: shape({ from: "outside", to: node }, …)',
};

/** One that may be open. */
export interface PossibleWay {
  readonly from: Node;
  readonly to: Node;
  readonly address: string;
}

/**
 * Finds the ways that nodes have to each other by themselves, beside what the test relays between them: by
 * connections to a listener of the other node, so that nobody else who has its address answers for it.
 */
export async function openWays(
  links: readonly NetworkLink[],
  signal: AbortSignal,
): Promise<PossibleWay[]> {
  const ways = sample(pairsOf(links), MAX_PAIRS).flatMap(possibleWays);
  const looks = await Promise.allSettled(ways.map((way) => isOpen(way, signal)));
  for (const failure of failuresOf(looks)) throw failure;
  return ways.filter((_, i) => (looks[i] as PromiseFulfilledResult<boolean>).value);
}

/** A proof that says what else there is: where nothing is relayed, the fault concerned nothing. */
export function withOpenWays(
  proof: FaultProof,
  open: readonly PossibleWay[],
  { context, deed }: { readonly context: FaultContext; readonly deed: LinkDeed },
): FaultProof {
  if (open.length === 0) return proof;
  const { unlinked = [], beside = [] } = Object.groupBy(
    open,
    ({ from, to }) => context.links.isRelayed(from, to) ? "beside" : "unlinked",
  );
  const expected = deed === "cut" ? "dropped" : "shaped";
  return {
    ...proof,
    checks: [...proof.checks, ...unlinked.map((way) => unconcerned(way, expected))],
    ...beside.length > 0 && { open: beside.map(named) },
  };
}

/** Warns of them, once in a cluster. */
export function warnOf(
  open: readonly OpenWay[],
  { context, deed }: {
    readonly context: Pick<FaultContext, "emit" | "isWarnedOfOpenWays">;
    readonly deed: LinkDeed;
  },
): void {
  const [first, ...others] = open;
  if (!first || context.isWarnedOfOpenWays) return;
  context.isWarnedOfOpenWays = true;
  const { from, to, address } = first;
  const more = others.length > 0 ? ` (all such ways: fault.proof.open)` : "";
  context.emit({
    type: "warning",
    message:
      `Faults ${deed} the links between "${from}" and "${to}" alone: "${from}" reaches "${to}" at ` +
      `${address} beside them${more}. Give processes the addresses of links`,
  });
}

/** As a proof names it. */
export function named({ from, to, address }: PossibleWay): OpenWay {
  return { from: from.name, to: to.name, address };
}

function unconcerned(way: PossibleWay, expected: FaultCheck["expected"]): FaultCheck {
  const outcome = { sent: 1, arrived: 1, dropped: 0 };
  return { ...named(way), protocol: "tcp", expected, ...outcome };
}

/** Each pair both ways: what goes one way over a connection needs the other as well. */
function pairsOf(links: readonly NetworkLink[]): (readonly [Node, Node])[] {
  const pairs = new Map<string, readonly [Node, Node]>();
  for (const { from, to } of links) {
    if (from === "outside" || to === "outside" || !canAnswer(from) || !canAnswer(to)) continue;
    pairs.set([from.name, to.name].sort().join(), [from, to]);
  }
  return [...pairs.values()];
}

function possibleWays([one, other]: readonly [Node, Node]): PossibleWay[] {
  return [[one, other], [other, one]].flatMap(([from, to]) =>
    addressesFor(from!, to!).map((address) => ({ from: from!, to: to!, address }))
  );
}

/** Loopback of another machine is not that of this one. */
function addressesFor(from: Node, to: Node): string[] {
  const shared = sharedAddress(from, to);
  if (shared !== undefined) return [shared];
  return to.networks.map(({ address }) => address).filter((each) => !isLoopback(each));
}

function isLoopback(address: string): boolean {
  return address.startsWith("127.") || address === "::1";
}

async function isOpen({ from, to, address }: PossibleWay, signal: AbortSignal): Promise<boolean> {
  const own = { transport: "tcp", hostname: address, port: 0 } as const;
  await using listener = await insidesOf(to).host.network.listen(own, { signal });
  const { port } = listener.addr as Deno.NetAddr;
  // Only now: how long a busy node takes to listen says nothing of the way.
  using deadline = new Deadline(PATIENCE, [signal]);
  const arrival = arrivalAt(listener);
  try {
    await using _connection = await insidesOf(from).host.network.dial(
      { transport: "tcp", hostname: address, port },
      { signal: deadline.signal },
    );
    await unlessAborted(arrival, deadline.signal);
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** Resolves when a connection has arrived, and closes all that do. */
function arrivalAt(listener: HostListener): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const accepting = (async () => {
    for await (const connection of listener) {
      resolve();
      await connection[Symbol.asyncDispose]();
    }
  })();
  accepting.catch(() => {});
  return promise;
}

function canAnswer(node: Node): boolean {
  const { isDown, isPaused } = insidesOf(node);
  return !isDown && !isPaused;
}
