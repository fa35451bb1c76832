import { runProgram } from "../program.ts";
import type { GrowthPoint } from "./growth_point.ts";

/** Sizes of clusters that are looked at. */
const SIZES = [1, 10, 100, 1000];

/**
 * What clusters of 1 to 1,000 nodes cost a runner that is a process of its own. The nodes are agents
 * in one other process of this machine: they speak the whole protocol and start real processes.
 */
export async function measureGrowth(): Promise<GrowthPoint[]> {
  const program = new URL("./runner_main.ts", import.meta.url).pathname;
  const points: GrowthPoint[] = [];
  for (const nodes of SIZES) {
    const output = await runProgram(Deno.execPath(), ["run", "--allow-all", program, `${nodes}`]);
    const measured = JSON.parse(output) as Omit<GrowthPoint, "memoryPerNode">;
    points.push({ ...measured, memoryPerNode: perNode(measured, points[0]) });
  }
  return points;
}

function perNode(
  { nodes, memory }: Pick<GrowthPoint, "nodes" | "memory">,
  first: GrowthPoint | undefined,
): number | null {
  return first === undefined ? null : (memory - first.memory) / (nodes - first.nodes);
}
