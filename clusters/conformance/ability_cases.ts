import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import type { Cluster } from "../cluster/mod.ts";
import { CommandError, NodeDownError, NodeLostError } from "../errors.ts";
import type { NodeActionType } from "../events/mod.ts";
import type { AbilityName } from "../kit/mod.ts";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";

/** The events about nodes as a whole, from now on. */
function actionsIn({ events }: Cluster): Disposable & { readonly seen: string[] } {
  const seen: string[] = [];
  const subscription = events.subscribe(({ type }) => {
    if (ACTIONS.includes(type)) seen.push(type);
  });
  return { seen, [Symbol.dispose]: () => subscription[Symbol.dispose]() };
}

const ACTIONS: readonly string[] = [
  "node-killed",
  "node-started",
  "node-paused",
  "node-resumed",
  "node-restarted",
] satisfies NodeActionType[];

const isLost = (error: unknown) => error instanceof NodeLostError;

/** What a test does with each ability, in a way that does nothing where it is missing. */
const ACTS:
  readonly (readonly [AbilityName, (node: Node, cluster: Cluster) => Promise<unknown>])[] = [
    ["kill", (node) => node.kill()],
    ["pause", (node) => node.pause()],
    ["start", (node) => node.start()],
    ["restart", (node) => node.restart()],
    ["spawnImage", (node) => node.spawnImage()],
    ["partition", (node, { faults }) => faults.isolate(node)],
    ["shape", (node, { faults }) => faults.shape({ from: "outside", to: node }, { latency: 9 })],
    ["cpu", (node, { faults }) => faults.cpu(node, 0.5)],
    ["memory", (node, { faults }) => faults.memory(node, 2 ** 30)],
    ["fullDisk", (node, { faults }) => faults.fullDisk(node, ".")],
  ];

/** Sudden ends, pauses and restarts; for backends whose nodes can do that. */
export const abilityCases: readonly ConformanceCase[] = [
  {
    name: "a node can do at least what its cluster says, and what it cannot is an error",
    async run({ cluster }) {
      const [node] = cluster.nodes as [Node];
      // A node of one of several backends may do more.
      deepStrictEqual(cluster.abilities.filter((each) => !node.abilities.includes(each)), []);
      for (const [name, act] of ACTS) {
        if (node.abilities.includes(name)) continue;
        const expected = { name: "MissingAbilityError", ability: name };
        await rejects(act(node, cluster), expected);
      }
      for (const { abilities } of [node, cluster]) {
        throws(() => (abilities as AbilityName[]).push("kill"), TypeError);
      }
    },
  },
  {
    name:
      "kill() loses a node: its signal aborts, every call fails at once, and an event tells of it",
    abilities: ["kill"],
    unless: ["start"],
    async run({ cluster }) {
      using actions = actionsIn(cluster);
      const node = await cluster.addNode();
      await node.kill();
      deepStrictEqual(actions.seen, ["node-killed"]);
      await rejects(node.hostname(), isLost);
      ok(isLost(node.signal.reason));
      strictEqual(cluster.nodes.includes(node), false);
      await node.destroy();
    },
  },
  {
    name: "a node that is killed takes no other with it",
    abilities: ["kill"],
    async run({ cluster, node, peer }) {
      const victim = await cluster.addNode();
      await using listener = await victim.listen({ port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      await using client = await peer.connect({ hostname: victim.address, port });
      await victim.kill();
      // The connection ends in one way or another.
      await client.readable.bytes().catch(() => {});
      ok((await node.hostname()).length > 0 && (await peer.hostname()).length > 0);
      await rejects(
        peer.connect({ hostname: victim.address, port, signal: AbortSignal.timeout(5_000) }),
      );
    },
  },
  {
    name: "a paused node stands still, and resume() lets it go on where it was",
    abilities: ["pause"],
    programs: ["sh", "sleep"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      const script = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done";
      await using process = await node.spawn("sh", ["-c", script], { stdout: "piped" });
      const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
      // Much of it may have come before the pause.
      let text = `\n${(await reader.read()).value}`;
      await node.pause();
      const controller = new AbortController();
      const silent = node.run("sh", ["-c", "echo awake"], { signal: controller.signal });
      const first = await Promise.race([
        silent.then(() => "it answered"),
        new Promise((resolve) => setTimeout(() => resolve("silence"), 300)),
      ]);
      strictEqual(first, "silence");
      await node.resume();
      strictEqual((await silent).stdout, "awake\n");
      while (!text.includes("\n50\n")) text += (await reader.read()).value;
      await reader.cancel();
    },
  },
  {
    name: "the timeout of a command counts while its node is paused, before it starts and after",
    abilities: ["pause"],
    programs: ["sleep"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      const late = (error: unknown) => error instanceof CommandError && error.reason === "timeout";
      const running = node.run("sleep", ["1000"], { timeout: 1_000 });
      const ended = rejects(running, late);
      // The agent answers in order: the command has been started.
      await node.hostname();
      await node.pause();
      await rejects(node.run("sleep", ["1000"], { timeout: 100 }), late);
      await rejects(node.spawn("sleep", ["1000"], { timeout: 100 }), late);
      await ended;
      await node.resume();
      ok((await node.hostname()).length > 0);
    },
  },
  {
    name: "a node may be paused twice, and resumed though it was not paused; events tell of each",
    abilities: ["pause"],
    async run({ cluster }) {
      using actions = actionsIn(cluster);
      await using node = await cluster.addNode();
      await node.resume();
      await node.pause();
      await node.pause();
      await node.resume();
      await node.resume();
      const [paused, resumed] = ["node-paused", "node-resumed"];
      deepStrictEqual(actions.seen, [resumed, paused, paused, resumed, resumed]);
      ok((await node.hostname()).length > 0);
    },
  },
  {
    name: "restart() ends what ran on a node, keeps its files, name and address, and is told",
    abilities: ["restart"],
    async run({ cluster, peer }) {
      using actions = actionsIn(cluster);
      await using node = await cluster.addNode({ env: { KEPT: "yes" } });
      const { name, rootDir } = node;
      await node.writeTextFile("kept", "content");
      const listener = await node.listen({ port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      await node.restart();
      deepStrictEqual(actions.seen, ["node-restarted"]);
      strictEqual(await node.readTextFile("kept"), "content");
      deepStrictEqual([node.name, node.rootDir, node.signal.aborted], [name, rootDir, false]);
      await using again = await node.listen({ port });
      await using client = await peer.connect({ hostname: node.address, port });
      await using server = await again.accept();
      await client.write(new Uint8Array([1]));
      strictEqual(await server.read(new Uint8Array(2)), 1);
    },
  },
  {
    name: "processes do not survive a restart, and new ones have the same environment",
    abilities: ["restart"],
    programs: ["sh", "sleep"],
    async run({ cluster }) {
      await using node = await cluster.addNode({ env: { KEPT: "yes" } });
      await using process = await node.spawn("sleep", ["1000"]);
      const ended = rejects(process.status, NodeDownError);
      await node.restart();
      await ended;
      strictEqual((await node.run("sh", ["-c", "echo $KEPT"])).stdout, "yes\n");
    },
  },
];
