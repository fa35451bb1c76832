import { run } from "./run.ts";

/** Ids of the running containers of a cluster whose names begin so: a node's, or those beside one (`node1.`). */
export async function containersOf(clusterId: string, name: string): Promise<string[]> {
  const filter = `name=^/clustertest-${clusterId}-${name.replace(".", "\\.")}`;
  return (await run("docker", ["ps", "--quiet", "--filter", filter])).trim().split("\n")
    .filter((id) => id !== "");
}

/** The first process of a container, as this machine sees it. */
export async function firstProcessOf(id: string, host?: string): Promise<string> {
  const engine = host === undefined ? [] : ["--host", host];
  return (await run("docker", [...engine, "inspect", "--format={{.State.Pid}}", id])).trim();
}

/** Kills the agent in a container, which its first process has started, and nothing else. */
export async function killAgentIn(id: string): Promise<void> {
  const first = await firstProcessOf(id);
  const [agent] = (await Deno.readTextFile(`/proc/${first}/task/${first}/children`)).split(" ");
  Deno.kill(Number(agent), "SIGKILL");
}

/** The tables of nftables in the network of a process. */
export async function tablesOf(pid: string): Promise<string[]> {
  const tables = await run("nsenter", ["-t", pid, "-n", "nft", "list", "tables"]);
  return tables.match(/(?<=inet )\w+/g) ?? [];
}
