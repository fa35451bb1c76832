// deno-lint-ignore-file no-console -- its parent reads what it prints
/**
 * A runner with as many instances as its argument says, from the AWS that its environment means:
 * prints what they take.
 *
 * @module
 */
import process from "node:process";
import { Cluster } from "../../../clusters/cluster/mod.ts";
import { ec2 } from "../../../clusters/ec2/mod.ts";
import { milliseconds } from "../timing.ts";

/** What it prints. */
export interface Ec2RunnerOutput {
  readonly launch: number;
  readonly cpu: number;
  readonly memory: number;
  readonly userData: number;
}

const nodes = Number(Deno.args[0]);
let userData = 0;
const backend = ec2({
  maxNodes: nodes,
  customize: (request) => {
    userData = atob(String(request.UserData)).length;
    return request;
  },
});

async function launchAndMeasure(): Promise<Ec2RunnerOutput> {
  let measured: { launch: number; memory: number };
  let before: NodeJS.CpuUsage;
  {
    await using cluster = await Cluster.create(backend, { progress: false });
    // The SDK is loaded by now.
    before = process.cpuUsage();
    const launch = await milliseconds(() => cluster.addNodes(nodes));
    measured = { launch, memory: Deno.memoryUsage().rss / 1e6 };
  }
  const { user, system } = process.cpuUsage(before);
  return { ...measured, cpu: (user + system) / 1000, userData };
}

console.log(JSON.stringify(await launchAndMeasure()));
