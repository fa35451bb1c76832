import type { Cluster } from "../cluster/mod.ts";

/** The folder of a cluster's record. */
export async function recordOf({ id }: Cluster): Promise<string> {
  const runs = ".clustertest/runs";
  for await (const { name: run, isDirectory } of Deno.readDir(runs)) {
    if (!isDirectory) continue;
    for await (const { name } of Deno.readDir(`${runs}/${run}`)) {
      if (name.endsWith(`-${id}`)) return `${runs}/${run}/${name}`;
    }
  }
  throw new Deno.errors.NotFound(`There is no record of cluster ${id}`);
}
