import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { Cluster } from "../cluster/mod.ts";
import type { ClusterEvent } from "../events/mod.ts";
import type { FaultSide } from "../faults/mod.ts";
import type { NodeConnection } from "../network/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { mustRefuse } from "./refused_call.ts";
import { connects, listening, MOMENT, mustConnect } from "./reachable_nodes.ts";

/** Where its author's line is to be found in the stack of an error. */
const caller = import.meta.url;

/** Milliseconds in which a fault is healed, on a machine that has much else to do. */
const LONG = 20_000;

/** Both ends of a connection from one node to another. */
async function connected(
  [from, to]: readonly [Node, Node],
  stack: AsyncDisposableStack,
): Promise<{ client: NodeConnection; server: NodeConnection }> {
  const listener = stack.use(await to.listen({ port: 0 }));
  const { port } = listener.addr as Deno.NetAddr;
  const [client, server] = await Promise.all([
    from.connect({ hostname: to.address, port }),
    listener.accept(),
  ]);
  return { client: stack.use(client), server: stack.use(server) };
}

const ALL = ["ab", "ac", "ba", "bc", "ca", "cb"];

/** Fails unless these of three nodes reach each other, and no others: `"ab"` is the first and the second. */
async function mustReach(
  nodes: readonly Node[],
  ports: readonly number[],
  expected: readonly string[],
): Promise<void> {
  const reached = await Promise.all(ALL.map(async (pair) => {
    const [from, to] = [...pair].map((letter) => "abc".indexOf(letter)) as [number, number];
    const ends = [nodes[from]!, nodes[to]!, ports[to]!] as const;
    if (!expected.includes(pair)) return await connects(...ends) ? [pair] : [];
    await mustConnect(...ends);
    return [pair];
  }));
  deepStrictEqual(reached.flat(), expected);
}

/** A cluster of three nodes that listen, and a check of which of them reach which. */
async function threeNodes(cluster: Cluster, stack: AsyncDisposableStack) {
  const nodes = await cluster.addNodes(3);
  for (const node of nodes) stack.use(node);
  const ports = await Promise.all(nodes.map((node) => listening(node, stack)));
  return { nodes, reach: (...pairs: string[]) => mustReach(nodes, ports, pairs) };
}

/** What a network does when a test breaks it; for backends whose nodes have one of their own. */
export const faultCases: readonly ConformanceCase[] = [
  {
    name: "partition() keeps groups of nodes apart until it is healed, and proves both",
    abilities: ["partition"],
    async run({ cluster }) {
      await using stack = new AsyncDisposableStack();
      const { nodes: [a, b, c], reach } = await threeNodes(cluster, stack);
      await reach(...ALL);
      const cut = await cluster.faults.partition([a, [b, c]]);
      strictEqual(cut.isHealed, false);
      const { checks, links, checkedLinks } = cut.proof!;
      deepStrictEqual([links, checkedLinks], [4, 4]);
      const dropped = checks.filter(({ expected }) => expected === "dropped");
      ok(dropped.every(({ arrived, dropped }) => arrived === 0 && dropped > 0));
      deepStrictEqual(new Set(dropped.map(({ protocol }) => protocol)), new Set(["udp", "tcp"]));
      ok(checks.some(({ expected, arrived }) => expected === "arrived" && arrived > 0));
      await reach("bc", "cb");
      await cut.heal();
      strictEqual(cut.isHealed, true);
      await reach(...ALL);
      await cut.heal();
    },
  },
  {
    name: "a fault stops connections that are open, and they go on once it is healed",
    abilities: ["partition"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const { client, server } = await connected([node, peer], stack);
      const cut = await cluster.faults.partition([node, peer]);
      await client.write(new TextEncoder().encode("late"));
      const buffer = new Uint8Array(10);
      const reading = server.read(buffer);
      const silence = new Promise((resolve) => setTimeout(resolve, MOMENT, "silence"));
      strictEqual(await Promise.race([reading, silence]), "silence");
      await cut.heal();
      strictEqual(await reading, 4);
    },
  },
  {
    name: "block() stops packets one way, of a port or a protocol if it is given one",
    abilities: ["partition"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const [one, other] = [await listening(peer, stack), await listening(peer, stack)];
      const reach = () => Promise.all([one, other].map((port) => mustConnect(node, peer, port)));
      {
        await using _cut = await cluster.faults.block({ from: node, to: peer }, { port: one });
        strictEqual(await connects(node, peer, one), false);
        await mustConnect(node, peer, other);
      }
      {
        await using _cut = await cluster.faults.block({ from: node, to: peer }, {
          protocol: "udp",
        });
        await reach();
      }
      {
        await using _cut = await cluster.faults.block({ from: node, to: peer }, {
          protocol: "icmp",
        });
        await reach();
      }
      // What is open goes on the other way; that it has arrived cannot be acknowledged.
      const { client, server } = await connected([node, peer], stack);
      await using _cut = await cluster.faults.block({ from: peer, to: node });
      await client.write(new TextEncoder().encode("one way"));
      strictEqual(await server.read(new Uint8Array(10)), 7);
      const seen = await Promise.all([one, other].map((port) => connects(node, peer, port)));
      deepStrictEqual(seen, [false, false]);
    },
  },
  {
    name: "partition() and isolate() concern a port or a protocol alone if they are given one",
    abilities: ["partition"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const [one, other] = [await listening(peer, stack), await listening(peer, stack)];
      {
        await using _cut = await cluster.faults.partition([node, peer], { port: one });
        strictEqual(await connects(node, peer, one), false);
        await mustConnect(node, peer, other);
      }
      {
        await using _cut = await cluster.faults.isolate(peer, { port: other, protocol: "tcp" });
        strictEqual(await connects(node, peer, other), false);
        await mustConnect(node, peer, one);
      }
      await using _cut = await cluster.faults.isolate(node, { protocol: "udp" });
      await Promise.all([one, other].map((port) => mustConnect(node, peer, port)));
    },
  },
  {
    name: "faults add up, and healing one leaves the others, in any order",
    abilities: ["partition"],
    async run({ cluster }) {
      await using stack = new AsyncDisposableStack();
      const { nodes: [a, b, c], reach } = await threeNodes(cluster, stack);
      for (const order of [[0, 1, 2], [2, 1, 0], [1, 2, 0]]) {
        const faults = [
          await cluster.faults.partition([a, b]),
          await cluster.faults.isolate(a),
          await cluster.faults.block({ from: b, to: c }),
        ] as const;
        await reach();
        const cutBy = [["ab", "ba"], ["ab", "ba", "ac", "ca"], ["bc", "cb"]];
        const left = new Set([0, 1, 2]);
        for (const index of order) {
          await faults[index]!.heal();
          left.delete(index);
          // A connection needs both ways.
          const cut = [...left].flatMap((each) => cutBy[each]!);
          await reach(...ALL.filter((pair) => !cut.includes(pair)));
        }
      }
    },
  },
  {
    name: "faults are made and healed at the same time, and none of them spoils another's proof",
    abilities: ["partition"],
    async run({ cluster, node, peer }) {
      const { faults } = cluster;
      const made = await Promise.all([
        faults.partition([node, peer]),
        faults.block({ from: node, to: peer }),
        faults.block({ from: node, to: peer }, { port: 80 }),
        faults.block({ from: peer, to: node }, { protocol: "udp" }),
      ]);
      const [last] = await Promise.all([
        faults.block({ from: peer, to: node }),
        ...made.map((each) => each.heal()),
      ]);
      ok(made.every(({ isHealed }) => isHealed));
      await last.heal();
    },
  },
  {
    name: 'a fault between nodes and "outside" leaves the nodes to each other, and to the test',
    abilities: ["partition"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      await using cut = await cluster.faults.block({ from: cluster.nodes, to: "outside" });
      ok(cut.proof!.checks.some(({ to, dropped }) => to === "outside" && dropped > 0));
      // What comes from outside cannot be shown everywhere.
      const from = { from: "outside", to: cluster.nodes } as const;
      await using _other = await cluster.faults.block(from, { proof: false });
      await mustConnect(node, peer, port);
      ok((await node.hostname()).length > 0);
    },
  },
  {
    name: "faults are events, with what was asked and what was shown",
    abilities: ["partition"],
    async run({ cluster, node, peer }) {
      const seen: ClusterEvent[] = [];
      using _subscription = cluster.events.subscribe((event) => {
        if (event.type.startsWith("fault-")) seen.push(event);
      });
      await using cut = await cluster.faults.partition([node, peer], { proof: false });
      strictEqual(cut.proof, undefined);
      await cut.heal();
      const proved = await cluster.faults.block({ from: node, to: peer });
      await proved.heal();
      const brief = seen.map((event) =>
        "fault" in event ? [event.type, event.action, event.proof !== undefined, event.error] : []
      );
      const [partition, block] = [
        `partition ${node.name} from ${peer.name}`,
        `block ${node.name} to ${peer.name}`,
      ];
      deepStrictEqual(brief, [
        ["fault-injected", partition, false, undefined],
        ["fault-healed", partition, false, undefined],
        ["fault-injected", block, true, undefined],
        ["fault-healed", block, true, undefined],
      ]);
    },
  },
  {
    name: "a fault of what cannot be is refused, and nothing is done",
    abilities: ["partition"],
    async run({ cluster, node, peer, newCluster }) {
      // deno-lint-ignore no-explicit-any -- as untyped code calls it
      const faults = cluster.faults as any;
      await using other = await newCluster();
      const foreign = await other.addNode();
      const wrong: (readonly [() => Promise<unknown>, RegExp])[] = [
        [() => faults.partition([node]), /at least two groups/],
        [() => faults.partition(node), /at least two groups/],
        [() => faults.partition([node, [peer, node]]), /is in two groups/],
        [() => faults.partition([node, []]), /has no nodes/],
        [() => faults.partition([node, "elsewhere"]), /is no node, nor "outside"/],
        [() => faults.partition([node, ["outside"]]), /"outside" and others: it .* a side alone/],
        [() => faults.partition([node, [peer, "outside"]]), /has to be a side alone/],
        [() => faults.partition([node.name, peer]), /pass the node itself, not its name/],
        [() => faults.partition(), /at least two groups/],
        [() => faults.isolate([]), /has no nodes/],
        [() => faults.isolate(undefined), /is no node/],
        [() => faults.partition([node, foreign]), /its cluster does not have it now/],
        [() => faults.block({ from: node, to: node }), /both sides are the same/],
        [() => faults.partition(node, peer), /nodes are its first argument alone/],
        [() => faults.isolate(node, [peer]), /nodes are its first argument alone/],
        [() => faults.block(node, peer), /nodes are its first argument alone/],
        [() => faults.block(node), /has to be { from, to }/],
        [() => faults.block(), /has to be { from, to }/],
        [() => faults.block({ from: node, to: peer, port: 1 }), /"port" belongs into the second/],
        [() => faults.isolate("outside"), /by partition\(\)/],
        [() => faults.isolate(node, { ports: [1] }), /did you mean "port"/],
        [() => faults.isolate(node, { port: 0 }), /port/],
        [() => faults.isolate(node, { port: 1, protocol: "icmp" }), /ICMP has no ports/],
        [() => faults.isolate(node, { protocol: "sctp" }), /must be "tcp" or "udp" or "icmp"/],
      ];
      for (const [call, message] of wrong) await mustRefuse(call, { message, caller });
      await using stack = new AsyncDisposableStack();
      await mustConnect(node, peer, await listening(peer, stack));
    },
  },
  {
    name: "aborting a fault leaves nothing of it",
    abilities: ["partition"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      const reason = new Error("enough");
      const isReason = (error: unknown) => error === reason;
      const sides: FaultSide[] = [node, peer];
      const aborted = { signal: AbortSignal.abort(reason) };
      await rejects(cluster.faults.partition(sides, aborted), isReason);
      const controller = new AbortController();
      const making = cluster.faults.partition(sides, { signal: controller.signal });
      setTimeout(() => controller.abort(reason), 5);
      await rejects(making, isReason);
      await mustConnect(node, peer, port);
      const cut = await cluster.faults.partition(sides);
      await cut.heal({ signal: AbortSignal.timeout(LONG) });
    },
  },
  {
    name: "a cluster ends under a fault, and a fault that is healed after that is healed",
    abilities: ["partition"],
    async run({ newCluster }) {
      const cluster = await newCluster();
      const [one, two] = await cluster.addNodes(2);
      const cut = await cluster.faults.partition([one, two]);
      await cluster[Symbol.asyncDispose]();
      await cut.heal();
      await cut[Symbol.asyncDispose]();
      await rejects(cluster.faults.partition([one, two]));
    },
  },
  {
    name: "faults throw a MissingAbilityError on a backend whose nodes cannot be partitioned",
    async run({ cluster, node, peer }) {
      const error = await cluster.faults.partition([node, peer]).then(
        (fault) => fault.heal().then(() => undefined),
        (error) => error,
      );
      if (error === undefined) return;
      deepStrictEqual([error.name, error.ability], ["MissingAbilityError", "partition"]);
      match(error.message, /docker\(\{ image \}\)/);
    },
  },
];
