import { ok, strictEqual } from "node:assert/strict";
import type { Node } from "../node/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { recordOf } from "./record_folder.ts";

/** Keeps a processor busy until it is killed. */
const BUSY = ["-c", "while :; do :; done"] as const;

/** Milliseconds of processor time that a busy process has soon, on a machine of any speed. */
const SOME = 50;

/** Waits until a process has used the processor; resolves to what is known of it then. */
async function untilBusy(node: Node, pid: number) {
  for (;;) {
    const sample = await node.metrics();
    const process = sample.processes.find((each) => each.pid === pid);
    if (process && process.cpu >= SOME) return { sample, process };
  }
}

/** Waits until the metrics in a record have a line for which this holds. */
async function untilLine(path: string, isWanted: (line: unknown) => boolean): Promise<void> {
  for (;;) {
    const text = await Deno.readTextFile(path).catch(() => "");
    const lines = text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
    if (lines.some(isWanted)) return;
    await new Promise((go) => setTimeout(go, 20));
  }
}

/** Whether a line is a sample with a process of this number that has used the processor. */
function hasBusy(number: number): (line: unknown) => boolean {
  return (line) =>
    Array.isArray(line) &&
    line[11].some((process: readonly number[]) => process[0] === number && process[1]! > 0);
}

/** What is known of what nodes use. */
export const metricsCases: readonly ConformanceCase[] = [
  {
    name: "metrics() tells what the node and its processes use now, and counters do not go back",
    programs: ["sh"],
    systems: ["linux"],
    async run({ node }) {
      const process = await node.spawn("sh", [...BUSY]);
      const { sample, process: seen } = await untilBusy(node, process.pid);
      ok(seen.memory > 0);
      ok(sample.cpu! >= SOME && sample.memory! > 0 && sample.cores > 0 && sample.files! > 0);
      ok(sample.memoryLimit === undefined || sample.memoryLimit > sample.memory!);
      ok(sample.memoryPeak === undefined || sample.memoryPeak >= sample.memory!);
      await process[Symbol.asyncDispose]();
      const later = await node.metrics();
      ok(later.cpu! >= sample.cpu!);
      ok(later.time >= sample.time);
      strictEqual(later.processes.some(({ pid }) => pid === process.pid), false);
    },
  },
  {
    name: "metrics() counts what a process has started, also what left its group",
    programs: ["sh", "setsid"],
    systems: ["linux"],
    async run({ node }) {
      const nested = `setsid sh -c "${BUSY[1]}"; :`;
      await using process = await node.spawn("sh", ["-c", nested]);
      await untilBusy(node, process.pid);
    },
  },
  {
    name: "what a node uses is recorded up to the moment at which it is given back",
    systems: ["linux"],
    async run({ cluster }) {
      const node = await cluster.addNode();
      const path = `${await recordOf(cluster)}/metrics/${node.name}.jsonl`;
      await untilLine(path, Array.isArray);
      // On the node's clock, as its samples are.
      const { time } = await node.metrics();
      await node.destroy();
      await untilLine(path, (line) => Array.isArray(line) && line[0] >= time);
    },
  },
  {
    name:
      "what nodes and processes use is recorded up to a kill, and after the node was started again",
    programs: ["sh"],
    systems: ["linux"],
    abilities: ["kill", "start"],
    async run({ cluster }) {
      await using node = await cluster.addNode();
      const numbers: number[] = [];
      using _subscription = cluster.events.subscribe((event) => {
        if (event.type === "command-started" && event.node === node.name) {
          numbers.push(Number(event.process.slice(7)));
        }
      });
      await node.spawn("sh", [...BUSY]);
      const path = `${await recordOf(cluster)}/metrics/${node.name}.jsonl`;
      await untilLine(path, hasBusy(numbers[0]!));
      const { time } = await node.metrics();
      await node.kill();
      await untilLine(path, (line) => Array.isArray(line) && line[0] >= time);
      await node.start();
      await node.spawn("sh", [...BUSY]);
      await untilLine(path, hasBusy(numbers[1]!));
    },
  },
];
