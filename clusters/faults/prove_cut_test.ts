import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Host, ProbeTarget } from "../../agent/host/host.ts";
import { Node } from "../node/mod.ts";
import { isProof } from "./fault_proof.ts";
import { LinkSet, linksOfPartition, type NetworkLink } from "./network_links.ts";
import { type Cut, proveCut, proveHealed } from "./prove_cut.ts";

const SIGNAL = new AbortController().signal;

/** A node of which only the name is looked at. */
function nodeNamed(name: string): Node {
  return Object.assign(Object.create(Node.prototype), { name });
}

/** Nodes whose packets arrive or are dropped as a test says. */
class Network {
  readonly nodes: readonly Node[];
  isDropped: (link: NetworkLink) => boolean = () => false;
  readonly #dropped = new Map<Node, Map<Node, number>>();
  readonly #received = new Map<string, number>();

  constructor(count: number) {
    this.nodes = Array.from({ length: count }, (_, i) => nodeNamed(`node${i + 1}`));
  }

  /** As a fault of these links sees it. */
  cut(links: readonly NetworkLink[]): Cut {
    const concerned = new LinkSet(links);
    const all = this.nodes.flatMap((from) => this.nodes.map((to) => ({ from, to })));
    return {
      links,
      controls: all.filter((link) => link.from !== link.to && !concerned.has(link)),
      isCutElsewhere: () => false,
      options: {},
      survey: new Map(
        this.nodes.map((
          node,
        ) => [node, { host: this.#hostOf(node), addresses: [addressOf(node)] }]),
      ),
      dropped: (link) => Promise.resolve(this.#droppedOf(link)),
      concerned: (link) => Promise.resolve(this.#droppedOf(link)),
      ...{ faults: [], holds: new Map(), signal: SIGNAL },
      packetsOf: (node) => Promise.resolve(this.#hostOf(node).packets),
    };
  }

  #droppedOf({ from, to }: NetworkLink): number {
    return this.#dropped.get(from as Node)?.get(to as Node) ?? 0;
  }

  #hostOf(from: Node): Host {
    const packets = {
      receiveProbes: () =>
        Promise.resolve({
          port: 7,
          received: (mark: string) => Promise.resolve(this.#received.get(mark) ?? 0),
          [Symbol.asyncDispose]: () => Promise.resolve(),
        }),
      sendProbes: ({ hostname, mark, count }: ProbeTarget) => {
        if (this.#passes(from, hostname, count)) this.#received.set(mark, count);
        return Promise.resolve();
      },
    };
    const dial = ({ hostname }: { hostname: string }, { signal }: { signal: AbortSignal }) => {
      if (this.#passes(from, hostname, 1)) throw new Deno.errors.ConnectionRefused();
      return new Promise((_, reject) => signal.addEventListener("abort", reject));
    };
    // deno-lint-ignore require-await -- what fails is to reject
    const network = { dial: async (...args: Parameters<typeof dial>) => dial(...args) };
    return { packets, network } as unknown as Host;
  }

  #passes(from: Node, address: string, count: number): boolean {
    const to = this.nodes.find((node) => addressOf(node) === address)!;
    if (!this.isDropped({ from, to })) return true;
    const ofSender = this.#dropped.get(from) ?? new Map<Node, number>();
    this.#dropped.set(from, ofSender.set(to, this.#droppedOf({ from, to }) + count));
    return false;
  }
}

function addressOf({ name }: Node): string {
  return `10.0.0.${name.slice("node".length)}`;
}

/** Two halves of so many nodes, which do not reach each other. */
function halves(count: number): { readonly network: Network; readonly links: NetworkLink[] } {
  const network = new Network(count);
  const { nodes } = network;
  const sides = [nodes.slice(0, count / 2), nodes.slice(count / 2)];
  const links = linksOfPartition(sides, nodes)(nodes);
  const cut = new LinkSet(links);
  network.isDropped = (link) => cut.has(link);
  return { network, links };
}

Deno.test("proveCut() shows every link of a few nodes by datagrams and connections, and controls", async () => {
  const { network, links } = halves(4);
  const proof = await proveCut(network.cut(links));
  strictEqual(isProof(proof), true);
  deepStrictEqual([proof.links, proof.checkedLinks], [8, 8]);
  const dropped = proof.checks.filter(({ expected }) => expected === "dropped");
  strictEqual(new Set(dropped.map(({ from, to }) => `${from} ${to}`)).size, 8);
  deepStrictEqual(new Set(dropped.map(({ protocol }) => protocol)), new Set(["udp", "tcp"]));
  const controls = proof.checks.filter(({ expected }) => expected === "arrived");
  ok(controls.length > 0);
  ok(controls.every(({ arrived, dropped }) => arrived > 0 && dropped === 0));
});

Deno.test("proveCut() shows a sample of many links, both ways, of nodes from first to last", async () => {
  const { network, links } = halves(40);
  const proof = await proveCut(network.cut(links));
  strictEqual(isProof(proof), true);
  deepStrictEqual([proof.links, proof.checkedLinks], [800, 64]);
  const dropped = proof.checks.filter(({ expected }) => expected === "dropped");
  ok(new Set(dropped.map(({ from }) => from)).size > 10);
  const isFirstHalf = ({ from }: { readonly from: string }) => Number(from.slice(4)) <= 20;
  strictEqual(dropped.filter(isFirstHalf).length, dropped.length / 2);
});

Deno.test("proveCut() is no proof when one link lets packets pass, or a control does not", async () => {
  const { network, links } = halves(4);
  const cut = new LinkSet(links);
  const [a, b, c] = network.nodes as [Node, Node, Node];
  network.isDropped = (link) => cut.has(link) && !(link.from === a && link.to === c);
  const leaking = await proveCut(network.cut(links));
  strictEqual(isProof(leaking), false);
  network.isDropped = (link) => cut.has(link) || (link.from === a && link.to === b);
  const spreading = await proveCut(network.cut(links));
  strictEqual(isProof(spreading), false);
});

Deno.test("proveHealed() is a proof once packets arrive, and none while one link drops them", async () => {
  const { network, links } = halves(4);
  network.isDropped = () => false;
  strictEqual(isProof(await proveHealed(network.cut(links))), true);
  const { from, to } = links[3]!;
  network.isDropped = (link) => link.from === from && link.to === to;
  strictEqual(isProof(await proveHealed(network.cut(links))), false);
});
