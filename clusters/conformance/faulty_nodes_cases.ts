import { rejects, strictEqual } from "node:assert/strict";
import type { ConformanceCase } from "./conformance_case.ts";
import { connects, listening, mustConnect } from "./reachable_nodes.ts";

/** What becomes of faults when nodes come, go, are down or paused. */
export const faultyNodesCases: readonly ConformanceCase[] = [
  {
    name: "faults are made and healed while nodes that they do not concern are destroyed and added",
    abilities: ["partition"],
    async run({ cluster, node, peer }) {
      const bystander = await cluster.addNode();
      const [isolation, cut] = await Promise.all([
        cluster.faults.isolate(node),
        cluster.faults.partition([node, peer]),
        bystander.destroy(),
      ]);
      const [added] = await Promise.all([cluster.addNode(), cut.heal()]);
      await Promise.all([isolation.heal(), added.destroy()]);
    },
  },
  {
    name: "a fault of a node that goes meanwhile fails with what became of the node",
    abilities: ["partition"],
    async run({ cluster, node }) {
      const victim = await cluster.addNode();
      const making = cluster.faults.partition([node, victim]);
      const failing = rejects(making, { name: "NodeLostError" });
      await Promise.all([failing, victim.destroy()]);
      await (await cluster.addNode()).destroy();
    },
  },
  {
    name: "isolate() concerns nodes that are added later, before they are there",
    abilities: ["partition"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(node, stack);
      const cut = await cluster.faults.isolate([node, peer]);
      const later = stack.use(await cluster.addNode());
      strictEqual(await connects(later, node, port), false);
      await mustConnect(peer, node, port);
      await cut.heal();
      await mustConnect(later, node, port);
    },
  },
  {
    name: "a fault outlives the restart of a node, and is healed when one of its nodes is gone",
    abilities: ["partition", "restart"],
    async run({ cluster, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      const node = await cluster.addNode();
      const cut = await cluster.faults.partition([node, peer]);
      await node.restart();
      strictEqual(await connects(node, peer, port), false);
      await node.destroy();
      await (await cluster.addNode()).destroy();
      await cut.heal();
    },
  },
  {
    name: "faults are made, kept up, and healed while one of their nodes is down",
    abilities: ["partition", "kill", "start"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      const victim = stack.use(await cluster.addNode());
      const before = await cluster.faults.isolate(victim);
      await victim.kill();
      const later = stack.use(await cluster.addNode());
      const meanwhile = await cluster.faults.partition([victim, peer]);
      await before.heal();
      await victim.start();
      strictEqual(await connects(victim, peer, port), false);
      const open = await listening(victim, stack);
      await Promise.all([node, later].map((each) => mustConnect(each, victim, open)));
      await victim.kill();
      await meanwhile.heal();
      await victim.start();
      await mustConnect(victim, peer, port);
    },
  },
  {
    name: "faults are made and healed while their nodes are killed and come back",
    abilities: ["partition", "restart"],
    async run({ cluster, node, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      const victim = stack.use(await cluster.addNode());
      for (const sides of [[victim, peer], [node, peer]]) {
        const [cut] = await Promise.all([cluster.faults.partition(sides), victim.restart()]);
        strictEqual(await connects(sides[0]!, peer, port), false);
        await Promise.all([cut.heal(), victim.restart()]);
        await mustConnect(sides[0]!, peer, port);
      }
    },
  },
  {
    name: "faults are made and healed while one of their nodes is paused",
    abilities: ["partition", "pause"],
    async run({ cluster, peer }) {
      await using stack = new AsyncDisposableStack();
      const port = await listening(peer, stack);
      const sleeper = stack.use(await cluster.addNode());
      await sleeper.pause();
      const cut = await cluster.faults.partition([sleeper, peer]);
      await sleeper.resume();
      strictEqual(await connects(sleeper, peer, port), false);
      await sleeper.pause();
      await cut.heal();
      await sleeper.resume();
      await mustConnect(sleeper, peer, port);
    },
  },
];
