import type { Cluster } from "../cluster/mod.ts";

/** The folder of a cluster's record. */
export async function recordOf({ id }: Cluster): Promise<string> {
  const runs = ".clustertest/runs";
  for await (const { name: run, isDirectory } of Deno.readDir(runs)) {
    if (!isDirectory) continue;
    for (const name of await clustersOf(`${runs}/${run}`)) {
      if (name.endsWith(`-${id}`)) return `${runs}/${run}/${name}`;
    }
  }
  throw new Deno.errors.NotFound(`There is no record of cluster ${id}`);
}

/** The folders of a run's clusters; none of a run that another one has just removed, since it is old. */
async function clustersOf(run: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(run))).map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
