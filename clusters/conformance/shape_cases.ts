import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import type { Fault } from "../faults/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { connects, listening } from "./reachable_nodes.ts";
import { mustRefuse } from "./refused_call.ts";

/** Where its author's line is to be found in the stack of an error. */
const caller = import.meta.url;

/** Milliseconds that one connection takes from one node to another. */
async function oneConnectTime(from: Node, to: Node, port: number): Promise<number> {
  const started = performance.now();
  await using _connection = await from.connect({ hostname: to.address, port });
  return performance.now() - started;
}

/** The same, of several at its best. */
async function connectTime(from: Node, to: Node, port: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < 3; i++) times.push(await oneConnectTime(from, to, port));
  return Math.min(...times);
}

/**
 * Fails unless a connection takes less than so many milliseconds: where packets are late none does, and
 * where they are not one does in the end, however busy the machine is.
 */
async function mustBeFaster(
  [from, to]: readonly [Node, Node],
  port: number,
  time: number,
): Promise<void> {
  const until = performance.now() + LONG;
  while (await oneConnectTime(from, to, port) >= time) {
    ok(performance.now() < until, `${from.name} reaches ${to.name} in no less than ${time} ms`);
  }
}

/** What was asked and measured of a quantity, of the first link. */
function shown({ proof }: Fault, quantity: string): { asked: number; measured: number } {
  return proof!.measurements!.find((each) => each.quantity === quantity)!;
}

/** Milliseconds of a latency that nothing takes by itself. */
const LATE = 300;

/** Milliseconds in which a connection is fast once that may be, on a machine that has much else to do. */
const LONG = 20_000;

/** What a network does that is slow or loses packets; for backends whose nodes have one of their own. */
export const shapeCases: readonly ConformanceCase[] = [
  {
    name: "shape() delays packets one way until it is healed, and proves what was asked",
    abilities: ["shape"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      const slow = await cluster.faults.shape({ from: node, to: peer }, {
        latency: LATE,
        jitter: 50,
      });
      const [latency, jitter] = ["latency", "jitter"].map((each) => shown(slow, each));
      deepStrictEqual([latency!.asked, jitter!.asked], [LATE, 50]);
      ok(latency!.measured >= LATE - 50, `${latency!.measured} ms`);
      deepStrictEqual([slow.proof!.links, slow.proof!.checkedLinks], [1, 1]);
      ok(await connectTime(node, peer, port) >= LATE - 50);
      await slow.heal();
      await mustBeFaster([node, peer], port, LATE - 50);
    },
  },
  {
    name: "shape() loses packets, and lets so many bits pass, as it was asked to",
    abilities: ["shape"],
    async run({ cluster, node, peer }) {
      const worse = await cluster.faults.shape({ from: node, to: peer }, {
        loss: 0.3,
        bandwidth: "2mbit",
        seed: 7,
      });
      const { measured: loss } = shown(worse, "loss");
      ok(loss > 0.1 && loss < 0.55, `a loss of ${loss}`);
      const { asked, measured } = shown(worse, "bandwidth");
      strictEqual(asked, 2_000_000);
      ok(measured > 500_000 && measured < 2_400_000, `${measured} bits per second`);
      await worse.heal();
    },
  },
  {
    name: "shape() copies and changes packets, and loses them in runs, as it was asked to",
    abilities: ["shape"],
    async run({ cluster, node, peer }) {
      await using worse = await cluster.faults.shape({ from: node, to: peer }, {
        ...{ loss: 0.2, correlation: 0.6, duplicate: 0.2, corrupt: 0.1, seed: 7 },
      });
      const measured = worse.proof!.measurements!.map(({ quantity }) => quantity);
      deepStrictEqual(measured, ["loss", "correlation", "duplicate", "corrupt"]);
      for (
        const [quantity, share] of [["loss", 0.2], ["duplicate", 0.2], ["corrupt", 0.1]] as const
      ) {
        const { asked, measured } = shown(worse, quantity);
        ok(Math.abs(asked - share) < 0.001, `${quantity} of ${asked}`);
        ok(measured > 0.01 && measured < 0.5, `${quantity} of ${measured}`);
      }
      ok(shown(worse, "correlation").measured > 0.05);
    },
  },
  {
    name: "shapes and cuts of one link add up, and healing one leaves the others",
    abilities: ["shape", "partition"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      const way = { from: node, to: peer };
      const one = await cluster.faults.shape(way, { latency: LATE });
      const both = await cluster.faults.shape(way, { latency: LATE });
      strictEqual(shown(both, "latency").asked, 2 * LATE);
      ok(await connectTime(node, peer, port) >= 2 * LATE - 1);
      const cut = await cluster.faults.block(way);
      strictEqual(await connects(node, peer, port), false);
      // Of a link that is cut nothing can be measured.
      const unseen = await cluster.faults.shape(way, { latency: LATE });
      strictEqual(unseen.proof!.checkedLinks, 0);
      await unseen.heal();
      // No answer comes back through a cut the other way.
      const back = await cluster.faults.shape({ from: peer, to: node }, { latency: LATE });
      strictEqual(shown(back, "latency").asked, LATE);
      await back.heal();
      await one.heal();
      await cut.heal();
      const time = await connectTime(node, peer, port);
      ok(time >= LATE - 1, `${time} ms`);
      await both.heal();
      await mustBeFaster([node, peer], port, LATE);
    },
  },
  {
    name: "shape() concerns packets of a port or a protocol if it is given one",
    abilities: ["shape"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const [one, other] = [await listening(peer, stack), await listening(peer, stack)];
      const way = { from: node, to: peer };
      for (const options of [{ port: one }, { protocol: "icmp" }, { protocol: "tcp" }] as const) {
        await using slow = await cluster.faults.shape(way, { latency: LATE, ...options });
        ok(slow.proof!.checks.some(({ expected }) => expected === "shaped"));
        ok(slow.proof!.checks.some(({ expected }) => expected === "arrived"));
        const isTcp = !("port" in options) && options.protocol === "tcp";
        const ways = [[one, isTcp || "port" in options], [other, isTcp]] as const;
        for (const [port, isLate] of ways) {
          if (isLate) ok(await connectTime(node, peer, port) >= LATE - 1);
          else await mustBeFaster([node, peer], port, LATE - 1);
        }
      }
    },
  },
  {
    name: 'shape() concerns what goes to "outside", and leaves the nodes to each other',
    abilities: ["shape"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      const outward = { from: node, to: "outside" } as const;
      await using slow = await cluster.faults.shape(outward, { latency: LATE });
      ok(shown(slow, "latency").measured >= LATE - 1);
      const lossy = await cluster.faults.shape({ from: peer, to: "outside" }, { loss: 0.2 });
      ok(shown(lossy, "loss").measured > 0);
      await lossy.heal();
      await mustBeFaster([node, peer], port, LATE);
      ok((await node.hostname()).length > 0);
    },
  },
  {
    name: "a shape outlives the restart of a node, and is an event",
    abilities: ["shape", "restart"],
    async run({ cluster, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      const actions: string[] = [];
      using _subscription = cluster.events.subscribe((event) => {
        if ("fault" in event) actions.push(`${event.type}: ${event.action}`);
      });
      const node = await cluster.addNode();
      const options = { latency: LATE, seed: 7, jitter: 1 };
      const slow = await cluster.faults.shape({ from: [node, peer], to: [node, peer] }, options);
      await node.restart();
      ok(await connectTime(node, peer, port) >= 2 * (LATE - 1) - 1);
      await node.destroy();
      await slow.heal();
      const names = `${node.name}, ${peer.name}`;
      const action = `shape ${names} to ${names}: latency ${LATE} ms, jitter 1 ms, seed 7`;
      deepStrictEqual(actions, [`fault-injected: ${action}`, `fault-healed: ${action}`]);
    },
  },
  {
    name: "shapes are made, kept up and healed while their nodes are down, and others come and go",
    abilities: ["shape", "kill", "start"],
    async run({ cluster, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      const victim = stack.use(await cluster.addNode());
      const shape = (latency: number) =>
        cluster.faults.shape({ from: victim, to: peer }, { latency, proof: false });
      const back = await cluster.faults.shape({ from: peer, to: victim }, {
        ...{ latency: LATE, proof: false },
      });
      await victim.kill();
      const meanwhile = await shape(LATE);
      const later = stack.use(await cluster.addNode());
      await victim.start();
      ok(await oneConnectTime(victim, peer, port) >= 2 * LATE - 1);
      await mustBeFaster([later, peer], port, LATE - 1);
      await later.destroy();
      await victim.kill();
      await back.heal();
      await victim.start();
      const time = await oneConnectTime(victim, peer, port);
      ok(time >= LATE - 1, `${time} ms`);
      await meanwhile.heal();
      await mustBeFaster([victim, peer], port, LATE - 1);
    },
  },
  {
    name: "shapes are made and healed while one of their nodes is paused",
    abilities: ["shape", "pause"],
    async run({ cluster, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      const sleeper = stack.use(await cluster.addNode());
      const open = await listening(sleeper, stack);
      await sleeper.pause();
      const slow = await cluster.faults.shape({ from: peer, to: sleeper }, {
        ...{ latency: LATE, proof: false },
      });
      await sleeper.resume();
      ok(await oneConnectTime(peer, sleeper, open) >= LATE - 1);
      await sleeper.pause();
      await slow.heal();
      await sleeper.resume();
      await mustBeFaster([peer, sleeper], open, LATE - 1);
      await mustBeFaster([sleeper, peer], port, LATE - 1);
    },
  },
  {
    name: "a shape of what cannot be is refused, and nothing is done",
    abilities: ["shape"],
    async run({ cluster, node, peer }) {
      // deno-lint-ignore no-explicit-any -- as untyped code calls it
      const faults = cluster.faults as any;
      const way = { from: node, to: peer };
      const wrong: (readonly [unknown, RegExp])[] = [
        [{}, /neither latency, nor loss, nor bandwidth/],
        [{ latency: -1 }, /latency -1 is not between 0 and 60000/],
        [{ latency: NaN }, /latency NaN is not between/],
        [{ latency: "80" }, /latency must be a number of milliseconds/],
        [
          { latency: 0.08 },
          /Cannot show a latency of 0.08 milliseconds: it takes 1 at least; or say/,
        ],
        [{ jitter: 5 }, /jitter without latency does nothing/],
        [{ latency: 10, jitter: 11 }, /jitter 11 is not between 0 and 10/],
        [{ loss: 1.5 }, /loss 1.5 is not between 0 and 1/],
        [
          { latency: 10, jitter: 5, distribution: "even" },
          /distribution must be "uniform" or "normal" or/,
        ],
        [{ latency: 10, distribution: "normal" }, /a distribution without jitter does nothing/],
        [{ correlation: 0.5, latency: 10 }, /correlation without loss does nothing/],
        [{ reorder: 0.1, loss: 0.1 }, /reorder without latency does nothing/],
        [{ loss: 0.1, correlation: 2 }, /correlation 2 is not between 0 and 1/],
        [{ duplicate: -0.1 }, /duplicate -0.1 is not between 0 and 1/],
        [{ corrupt: NaN }, /corrupt NaN is not between 0 and 1/],
        [{ corrupt: "1%" }, /corrupt must be a number/],
        [{ duplicate: 0.0001 }, /Cannot show a duplicate of 0.0001: it takes one from 0.002 to 1;/],
        [
          { latency: 9, reorder: 0.9 },
          /Cannot show a reorder of 0.9: it takes one from 0.002 to 0.4;/,
        ],
        [{ latency: 9, corrupt: 1 }, /Cannot show a corrupt of 1: .* or a greater one alone/],
        [{ loss: 0.1, correlation: 0.05 }, /Cannot show a correlation of 0.05 with a loss of 0.1/],
        [
          { loss: 0.1, correlation: 0.99 },
          /Cannot show a correlation of 0.99: it takes one of 0.9/,
        ],
        [{ latency: 9, reorder: 0.1, bandwidth: 8_000 }, /Cannot show a reorder at 8000 bit\/s/],
        [{ loss: 0.00001 }, /Cannot show a loss of 0.00001/],
        [{ loss: 1, latency: 5 }, /Cannot show a loss of 1/],
        [{ bandwidth: 100 }, /bandwidth 100 is not between 8000 and/],
        [{ bandwidth: "10 MB/s" }, /"10 MB\/s" is neither a number nor like "10mbit"/],
        [{ latency: 1, seed: 0.5 }, /seed 0.5 is no integer/],
        [{ latencies: 1 }, /did you mean "latency"/],
        [{ latency: 1, port: 0 }, /port/],
      ];
      for (const [options, message] of wrong) {
        await mustRefuse(() => faults.shape(way, options), { message, caller });
      }
      await rejects(
        faults.shape({ from: node, to: node }, { latency: 1 }),
        /a node reaches itself/,
      );
      await rejects(
        faults.shape({ from: node, to: "outside" }, {
          ...{ latency: 10, jitter: 5, distribution: "normal" },
        }),
        /Cannot show the distribution of what goes "outside"/,
      );
      await rejects(faults.shape(way), /neither latency, nor loss, nor bandwidth/);
      const aborted = { latency: LATE, signal: AbortSignal.abort(new Error("enough")) };
      await rejects(cluster.faults.shape(way, aborted), /enough/);
      const controller = new AbortController();
      const making = cluster.faults.shape(way, { latency: LATE, signal: controller.signal });
      setTimeout(() => controller.abort(new Error("enough")), 300);
      await rejects(making, /enough/);
      await using stack = new AsyncDisposableStack();
      await mustBeFaster([node, peer], await listening(peer, stack), LATE);
    },
  },
  {
    name: "shape() throws a MissingAbilityError on a backend whose nodes' packets cannot be shaped",
    async run({ cluster, node, peer }) {
      const error = await cluster.faults.shape({ from: node, to: peer }, { latency: 5 }).then(
        (fault) => fault.heal().then(() => undefined),
        (error) => error,
      );
      if (error === undefined) return;
      deepStrictEqual([error.name, error.ability], ["MissingAbilityError", "shape"]);
      match(error.message, /docker\(\{ image \}\)/);
    },
  },
];
