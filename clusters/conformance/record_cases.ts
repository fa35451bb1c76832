import { match, ok, strictEqual } from "node:assert/strict";
import type { Cluster } from "../cluster/mod.ts";
import type { Node } from "../node/mod.ts";
import type { Process } from "../process/mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { recordOf } from "./record_folder.ts";
import { untilWritten } from "./until_written.ts";

/** What the record has of the outputs of a node's processes, by what follows the number. */
async function outputsOf(cluster: Cluster, { name: node }: Node): Promise<Map<string, string>> {
  const folder = `${await recordOf(cluster)}/output/${node}`;
  const outputs = new Map<string, string>();
  for (const { name } of await Array.fromAsync(Deno.readDir(folder)).catch(() => [])) {
    const [, output] = name.match(/^\d+-(.+)$/)!;
    outputs.set(output!, await Deno.readTextFile(`${folder}/${name}`));
  }
  return outputs;
}

/** Waits until the record has an output, which may still be on its way. */
async function untilRecorded(
  cluster: Cluster,
  node: Node,
  [name, text]: readonly [string, string],
): Promise<void> {
  while ((await outputsOf(cluster, node)).get(name) !== text) {
    await new Promise((go) => setTimeout(go, 5));
  }
}

/** Waits until the node's log has what a process wrote. */
async function untilLogged(process: Process, text: string): Promise<void> {
  while ((await process.log()).stdout !== text) await new Promise((go) => setTimeout(go));
}

/** What the record of a run has of the outputs of processes, whatever became of them. */
export const recordCases: readonly ConformanceCase[] = [
  {
    name: "what a command writes is recorded, byte by byte, whichever way it ends",
    programs: ["sh"],
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const node = await cluster.addNode();
      await node.run("sh", ["-c", "echo fine"]);
      await untilRecorded(cluster, node, ["sh.stdout", "fine\n"]);
      const failing = await cluster.addNode({ env: { CONFORMANCE_TOKEN: "hunter2" } });
      await failing.run("sh", ["-c", "echo wrong >&2; exit 3"], { check: false });
      await untilRecorded(cluster, failing, ["sh.stderr", "wrong\n"]);
      strictEqual((await outputsOf(cluster, failing)).has("sh.stdout"), false);
      const index = await Deno.readTextFile(`${await recordOf(cluster)}/../run.json`);
      match(index, /"env": \[\s*"CONFORMANCE_TOKEN"\s*\]/);
      ok(!index.includes("hunter2"));
    },
  },
  {
    name: "what a process writes is recorded while it runs, and that it ends well changes nothing",
    programs: ["sh"],
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const node = await cluster.addNode();
      const process = await node.spawn("sh", ["-c", "echo ready; cat"], { stdin: "piped" });
      await untilRecorded(cluster, node, ["sh.stdout", "ready\n"]);
      await process.stdin.close();
      strictEqual((await process.status).code, 0);
      await node.destroy();
      strictEqual((await outputsOf(cluster, node)).get("sh.stdout"), "ready\n");
    },
  },
  {
    name: "what a process has written is recorded when it is disposed of",
    programs: ["sh", "sleep"],
    async run({ newCluster, dir }) {
      await using cluster = await newCluster();
      const node = await cluster.addNode();
      await node.mkdir(dir, { recursive: true });
      {
        await using process = await node.spawn("sh", ["-c", "echo ready; exec sleep 100"]);
        await untilLogged(process, "ready\n");
      }
      await node.destroy();
      strictEqual((await outputsOf(cluster, node)).get("sh.stdout"), "ready\n");
    },
  },
  {
    name: "what a process has written is recorded when its node is killed at once",
    programs: ["sh", "sleep", "head", "tr"],
    abilities: ["kill"],
    async run({ newCluster, dir }) {
      await using cluster = await newCluster();
      const node = await cluster.addNode();
      await node.mkdir(dir, { recursive: true });
      // Faster than it is followed: the last line would come later, if it was not asked for.
      const script = "head -c 8388608 /dev/zero | tr '\\0' x; echo end; echo oops >&2";
      await node.spawn("sh", ["-c", `${script}; echo > ${dir}/written; exec sleep 100`]);
      await untilWritten(node, dir);
      await node.kill();
      await untilRecorded(cluster, node, ["sh.stderr", "oops\n"]);
      match((await outputsOf(cluster, node)).get("sh.stdout")!, /^x+.*xend\n$/s);
    },
  },
  {
    name: "the record has the beginning and the end of a large output, and counts what is missing",
    programs: ["sh", "head", "tr"],
    async run({ newCluster }) {
      await using cluster = await newCluster();
      const node = await cluster.addNode();
      const script = "printf begin; head -c 33554432 /dev/zero | tr '\\0' x; printf end";
      const process = await node.spawn("sh", ["-c", script]);
      await process.status;
      await node.destroy();
      const text = (await outputsOf(cluster, node)).get("sh.stdout")!;
      match(text, /^beginx/);
      match(text, /xend$/);
      const lines = [...text.matchAll(/\n\[clustertest: (\d+) bytes are missing here\]\n/g)];
      const missing = lines.reduce((sum, [, count]) => sum + Number(count), 0);
      const notes = lines.reduce((sum, [line]) => sum + line.length, 0);
      ok(missing > 0);
      strictEqual(text.length - notes + missing, 33_554_432 + "beginend".length);
    },
  },
  {
    name: "outputs that a test sends elsewhere are not recorded",
    programs: ["sh"],
    async run({ newCluster, dir }) {
      await using cluster = await newCluster();
      const node = await cluster.addNode();
      await node.mkdir(dir, { recursive: true });
      const elsewhere = { stdout: { file: `${dir}/log` }, stderr: "null" } as const;
      await node.run("sh", ["-c", "echo out; echo err >&2"], elsewhere);
      const process = await node.spawn("sh", ["-c", "echo out; echo err >&2"], elsewhere);
      await process.status;
      await node.destroy();
      strictEqual((await outputsOf(cluster, node)).size, 0);
    },
  },
  {
    name: "log() of a process from before a restart has what it wrote",
    programs: ["sh", "sleep"],
    abilities: ["restart"],
    async run({ cluster, dir }) {
      const node = await cluster.addNode();
      await node.mkdir(dir, { recursive: true });
      const script = `echo out; echo err >&2; echo > ${dir}/written; exec sleep 100`;
      const process = await node.spawn("sh", ["-c", script]);
      await untilWritten(node, dir);
      await node.restart();
      const { stdout, stderr } = await process.log();
      strictEqual(`${stdout}${stderr}`, "out\nerr\n");
    },
  },
];
