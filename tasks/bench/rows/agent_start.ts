import { Cluster } from "../../../clusters/cluster/mod.ts";
import { loopback } from "../../../clusters/loopback/mod.ts";
import { below } from "../goals.ts";
import { CLUSTERTEST, type Row } from "../row.ts";

/** Agents of one sample: the kernel counts a process' time in hundredths of a second. */
const AGENTS = 10;

/** Milliseconds of a tick, in which `/proc` counts. */
const TICK = 10;

/** Milliseconds of CPU time that a process has taken, with the threads of it that have ended. */
async function cpuTime(pid: string): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The second field is the command in parentheses, which may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}

/** Milliseconds of CPU time of an agent from its start to the end of its first command. */
async function startTime(): Promise<number> {
  await using cluster = await Cluster.create(loopback(), { progress: false });
  let sum = 0;
  for (let i = 0; i < AGENTS; i++) {
    const node = await cluster.addNode();
    await node.run("true");
    sum += await cpuTime(node.id);
  }
  return sum / AGENTS;
}

/** The same for a program of the runtime that does nothing, as its parent sees it once it has ended. */
async function bareStartTime(): Promise<number> {
  const before = await childrenTime();
  for (let i = 0; i < AGENTS; i++) {
    await new Deno.Command(Deno.execPath(), { args: ["eval", "--no-config", ""] }).output();
  }
  return (await childrenTime() - before) / AGENTS;
}

/** Milliseconds of CPU time of the children of this process that have ended. */
async function childrenTime(): Promise<number> {
  const stat = await Deno.readTextFile("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[13]) + Number(fields[14])) * TICK;
}

/** What the start of an agent costs a machine, whatever it waits for. */
export const agentStartRows: readonly Row[] = [
  {
    id: "agent-start-cpu",
    title: "CPU time of an agent, until its first command has ended",
    unit: "ms",
    rounds: 5,
    goals: [below(65, "ms")],
    contenders: () =>
      Promise.resolve([
        { name: CLUSTERTEST, sample: startTime },
        { name: "a program of Deno's that does nothing", sample: bareStartTime },
      ]),
  },
];
