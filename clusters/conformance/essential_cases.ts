import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Cluster } from "../cluster/mod.ts";
import { EssentialProcessError } from "../errors.ts";
import type { ClusterEvent } from "../events/mod.ts";
import type { Node } from "../node/mod.ts";
import type { Process } from "../process/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { timedProcess } from "./timed_process.ts";

const ESSENTIAL = { essential: true } as const;

/** Waits until the cluster's test is over; resolves to why. */
async function over({ signal }: Cluster): Promise<unknown> {
  if (!signal.aborted) {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  }
  return signal.reason;
}

/** Starts an essential process that would go on for ever. */
async function endless(node: Node): Promise<Process> {
  return await node.spawn("sleep", ["1000"], ESSENTIAL);
}

/** What a test may do to the processes of a node: none of it is a failure. */
const ASKED: readonly ((node: Node, process: Process) => Promise<unknown>)[] = [
  (_, process) => process.kill(),
  (_, process) => process.kill("SIGHUP"),
  (_, process) => process[Symbol.asyncDispose](),
  (node) => node.stop(),
  (node) => node.destroy(),
];

/** Processes without which the test means nothing. */
export const essentialCases: readonly ConformanceCase[] = [
  {
    name: "the end of an essential process is the reason of cluster.signal, with its last lines",
    programs: ["sh"],
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const events: ClusterEvent[] = [];
      cluster.events.subscribe((event) => void events.push(event));
      const node = await cluster.addNode();
      const script = "echo listening; echo disk full >&2; exit 7";
      await node.spawn("sh", ["-c", script], ESSENTIAL);
      const error = await over(cluster);
      ok(error instanceof EssentialProcessError);
      const { name, code, signal, stdout, stderr } = error;
      deepStrictEqual(
        { name, node: error.node, code, signal, stdout, stderr },
        {
          name: "EssentialProcessError",
          node: node.name,
          code: 7,
          signal: null,
          stdout: "listening\n",
          stderr: "disk full\n",
        },
      );
      const found = events.find(({ type }) => type === "essential-process-ended");
      ok(found?.type === "essential-process-ended");
      ok(error.stack!.includes("essential_cases.ts"), error.stack);
      deepStrictEqual([found.node, found.code, found.stderr], [node.name, 7, "disk full\n"]);
      strictEqual((await node.run("sh", ["-c", "echo there"])).stdout, "there\n");
    },
  },
  {
    name: "an essential process ends the test also by code 0",
    programs: ["true"],
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const node = await cluster.addNode();
      await node.spawn("true", [], ESSENTIAL);
      const error = await over(cluster);
      ok(error instanceof EssentialProcessError);
      strictEqual(error.code, 0);
    },
  },
  {
    name: "an end of an essential process that the test asks for fails nothing",
    programs: ["sleep"],
    async run({ cluster }) {
      const nodes = await cluster.addNodes(ASKED.length + 1);
      await Promise.all(ASKED.map(async (ask, i) => {
        const process = await endless(nodes[i]!);
        await ask(nodes[i]!, process);
        await process.status.catch(() => {});
      }));
      const last = nodes.at(-1)!;
      const controller = new AbortController();
      const { signal } = controller;
      const late = await timedProcess(last, ESSENTIAL);
      const aborted = await last.spawn("sleep", ["1000"], { ...ESSENTIAL, signal });
      controller.abort();
      await Promise.all([late.status, aborted.status]);
      await Promise.all(nodes.map((node) => node.destroy()));
      strictEqual(cluster.signal.aborted, false);
    },
  },
  {
    name: "killing a node is to ask for the ends of its essential processes",
    programs: ["sleep"],
    abilities: ["kill"],
    async run({ cluster }) {
      const node = await cluster.addNode();
      const { status } = await endless(node);
      await node.kill();
      await status.catch(() => {});
      await node.destroy();
      strictEqual(cluster.signal.aborted, false);
    },
  },
  {
    name: "restarting a node is to ask for the ends of its essential processes",
    programs: ["sleep"],
    abilities: ["restart"],
    async run({ cluster }) {
      const node = await cluster.addNode();
      const { status } = await endless(node);
      await node.restart();
      await status.catch(() => {});
      await node.destroy();
      strictEqual(cluster.signal.aborted, false);
    },
  },
];
