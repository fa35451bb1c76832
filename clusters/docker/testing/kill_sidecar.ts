import type { Cluster } from "../../cluster/mod.ts";
import { run } from "./run.ts";

/** Kills the container beside a node. */
export async function killSidecar({ id }: Cluster, node: string): Promise<void> {
  const filter = `name=clustertest-${id}-${node}\\.`;
  const containers = await run("docker", ["ps", "--quiet", "--filter", filter]);
  await run("docker", ["kill", ...containers.trim().split("\n")]);
}
