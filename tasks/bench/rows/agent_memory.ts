import { drain } from "../program.ts";
import type { Node } from "../../../clusters/node/mod.ts";
import { below } from "../goals.ts";
import { CLUSTERTEST, type Row } from "../row.ts";
import { loopback } from "../../../clusters/loopback/mod.ts";

const TEN_GB = 10e9;

/** Megabytes of a process that are its own: what it shares with other agents is not counted. */
async function ownMemory(pid: string): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000;
}

async function pass(node: Node, bytes: number): Promise<void> {
  await using process = await node.spawn("head", ["-c", `${bytes}`, "/dev/zero"], {
    stdout: "piped",
  });
  await drain(process.stdout, bytes);
}

/** What an agent has in memory. */
export const agentMemoryRows: readonly Row[] = [
  {
    id: "memory-agent",
    title: "own memory of an agent through which 10 GB have passed",
    unit: "MB",
    rounds: 1,
    warmUps: 0,
    goals: [below(60, "MB")],
    contenders: async (surroundings) => {
      const node = await (await surroundings.cluster(loopback())).addNode();
      await node.run("true");
      const idle = await ownMemory(node.id);
      const busy = async () => {
        await pass(node, TEN_GB);
        return await ownMemory(node.id);
      };
      return [
        { name: CLUSTERTEST, sample: busy },
        { name: "the same agent, idle", sample: () => Promise.resolve(idle) },
      ];
    },
  },
];
