import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { NodeLostError } from "../errors.ts";
import type { ConformanceCase } from "./conformance_case.ts";

/** What is done to nodes, by ability, and the event that tells of it. */
const ACTIONS = [
  ["kill", [["kill", "node-killed"]]],
  ["pause", [["pause", "node-paused"], ["resume", "node-resumed"]]],
  ["restart", [["restart", "node-restarted"]]],
] as const;

const ACTION_TYPES: readonly string[] = ACTIONS.flatMap(([, members]) =>
  members.map(([, type]) => type)
);

const isLost = (error: unknown) => error instanceof NodeLostError;

/** Sudden ends, pauses and restarts; for backends whose nodes can do that. */
export const abilityCases: readonly ConformanceCase[] = [
  {
    name: "kill() loses a node: its signal aborts, and every call fails at once",
    abilities: ["kill"],
    async run({ cluster }) {
      const node = await cluster.addNode();
      await node.kill();
      await rejects(node.hostname(), isLost);
      ok(isLost(node.signal.reason));
      strictEqual(cluster.nodes.includes(node), false);
      await node.destroy();
    },
  },
  {
    name: "a node that is lost takes no other with it",
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
  ...ACTIONS.map(([ability, members]): ConformanceCase => ({
    name: `events tell of ${members.map(([member]) => `${member}()`).join(" and ")}`,
    abilities: [ability],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      const told: string[] = [];
      using _subscription = cluster.events.subscribe((event) => {
        if (ACTION_TYPES.includes(event.type)) told.push(event.type);
      });
      for (const [member] of members) await node[member]();
      deepStrictEqual(told, members.map(([, type]) => type));
    },
  })),
  {
    name: "a paused node stands still, and resume() lets it go on where it was",
    abilities: ["pause"],
    programs: ["sh", "sleep"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      const script = "i=0; while :; do i=$((i+1)); echo $i; sleep 0.01; done";
      await using process = await node.spawn("sh", ["-c", script], { stdout: "piped" });
      const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
      await reader.read();
      await node.pause();
      const controller = new AbortController();
      const silent = node.run("sh", ["-c", "echo awake"], { signal: controller.signal });
      const first = await Promise.race([
        silent.then(() => "it answered"),
        new Promise((resolve) => setTimeout(() => resolve("silence"), 300)),
      ]);
      // On a backend without an agent the runner itself starts commands, and nothing holds it up.
      ok(["silence", "it answered"].includes(first as string));
      await node.resume();
      strictEqual((await silent).stdout, "awake\n");
      let text = "";
      while (!text.includes("\n50\n")) text += (await reader.read()).value;
      await reader.cancel();
    },
  },
  {
    name: "a node may be paused twice, and resumed though it was not paused",
    abilities: ["pause"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      await node.resume();
      await node.pause();
      await node.pause();
      await node.resume();
      await node.resume();
      ok((await node.hostname()).length > 0);
    },
  },
  {
    name: "restart() ends what ran on a node, and keeps its files, name and address",
    abilities: ["restart"],
    async run({ cluster, peer }) {
      await using node = await cluster.addNode({ env: { KEPT: "yes" } });
      const { name, rootDir } = node;
      await node.writeTextFile("kept", "content");
      const listener = await node.listen({ port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      await node.restart();
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
      const ended = process.status.then(() => "ended", () => "ended");
      await node.restart();
      strictEqual(await ended, "ended");
      strictEqual((await node.run("sh", ["-c", "echo $KEPT"])).stdout, "yes\n");
    },
  },
];
