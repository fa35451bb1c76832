import { Cluster } from "../../../clusters/cluster/mod.ts";
import type { Backend } from "../../../clusters/kit/mod.ts";
import { local } from "../../../clusters/local/mod.ts";
import { loopback } from "../../../clusters/loopback/mod.ts";
import { below, isWithin } from "../goals.ts";
import { CLUSTERTEST, type Row } from "../row.ts";
import { inParallel, milliseconds } from "../timing.ts";

/** Agents that start at a time, on this side and on the other. */
const AT_ONCE = 16;

/** Milliseconds until so many nodes are there and each has run a command. */
async function launch(backend: Backend, count: number): Promise<number> {
  await using cluster = await Cluster.create(backend, { progress: false });
  return await milliseconds(async () => {
    const nodes = await cluster.addNodes(count);
    await Promise.all(nodes.map((node) => node.run("true")));
  });
}

/** The least that starts of a runtime and of a command cost. */
async function bareStarts(count: number, runtime: boolean): Promise<number> {
  const command: [string, string[]] = ["true", []];
  const start: [string, string[]] = [Deno.execPath(), ["eval", "--no-config", ""]];
  const programs = runtime ? [start, command] : [command];
  return await milliseconds(() =>
    inParallel({ count, atOnce: AT_ONCE }, async () => {
      for (const [command, args] of programs) await new Deno.Command(command, { args }).output();
    })
  );
}

/** Nodes on this machine. */
export const launchRows: readonly Row[] = [
  {
    id: "launch-local-50",
    title: "50 local nodes, a command on each",
    unit: "ms",
    rounds: 5,
    goals: [below(1000, "ms")],
    contenders: () =>
      Promise.resolve([
        { name: CLUSTERTEST, sample: () => launch(local(), 50) },
        { name: "50 plain commands", sample: () => bareStarts(50, false) },
      ]),
  },
  {
    id: "launch-loopback-100",
    title: "100 loopback nodes, a command on each",
    unit: "ms",
    rounds: 2,
    warmUps: 0,
    goals: [isWithin("100 starts of Deno", 4)],
    contenders: () =>
      Promise.resolve([
        { name: CLUSTERTEST, sample: () => launch(loopback(), 100) },
        { name: "100 starts of Deno", sample: () => bareStarts(100, true) },
      ]),
  },
];
