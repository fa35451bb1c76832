import { loopback } from "../../../clusters/loopback/mod.ts";
import type { Node } from "../../../clusters/node/mod.ts";
import { delay } from "../../../agent/delay.ts";
import { below } from "../goals.ts";
import { CLUSTERTEST, type Row } from "../row.ts";

/** Seconds for which it is watched: a sample a second. */
const WATCHED = 20;

/** Says whether metrics are recorded. */
const VARIABLE = "CLUSTERTEST_METRICS";

/** Milliseconds of processor time that all threads of a process have had. */
function processorTime(pid: string): number {
  const threads = [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
  const nanoseconds = threads.map((thread) =>
    Number(Deno.readTextFileSync(`/proc/${pid}/task/${thread}/schedstat`).split(" ")[0])
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1e6;
}

/** Milliseconds of processor time that the agent of a node takes in a second. */
async function costOf(node: Node): Promise<number> {
  const before = processorTime(node.id);
  await delay(WATCHED * 1_000);
  return (processorTime(node.id) - before) / WATCHED;
}

/** Makes something while metrics are not recorded. */
async function unmeasured<T>(make: () => Promise<T>): Promise<T> {
  const before = Deno.env.get(VARIABLE) ?? "";
  Deno.env.set(VARIABLE, "off");
  try {
    return await make();
  } finally {
    Deno.env.set(VARIABLE, before);
  }
}

/** What it takes to record what nodes use. */
export const metricsCostRows: readonly Row[] = [
  {
    id: "metrics-cost",
    title: "processor time a second of an agent whose node runs a process that is busy",
    unit: "ms",
    rounds: 3,
    warmUps: 0,
    goals: [below(5, "ms")],
    contenders: async (surroundings) => {
      const measured = await (await surroundings.cluster(loopback())).addNode();
      const other = await unmeasured(async () =>
        await (await surroundings.cluster(loopback())).addNode()
      );
      const busy = ["-c", "while :; do sleep 0.1; done"];
      for (const node of [measured, other]) await node.spawn("sh", busy);
      return [
        { name: CLUSTERTEST, sample: () => costOf(measured) },
        { name: "the same, with metrics off", sample: () => costOf(other) },
      ];
    },
  },
];
