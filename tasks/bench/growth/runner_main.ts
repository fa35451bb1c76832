// deno-lint-ignore-file no-console -- its parent reads what it prints
/**
 * A runner with as many simulated agents as its argument says: prints what they cost it.
 *
 * @module
 */
import { setTimeout as delay } from "node:timers/promises";
import process from "node:process";
import { Cluster } from "../../../clusters/cluster/mod.ts";
import { median } from "../statistics.ts";
import { milliseconds } from "../timing.ts";
import type { GrowthPoint } from "./growth_point.ts";
import { simulated } from "./simulated_backend.ts";

/** Fan-outs of which the median counts, after one that does not. */
const FAN_OUTS = 3;

/** Milliseconds for which heartbeats are watched: two rounds of them. */
const QUIET = 10_000;

const nodes = Number(Deno.args[0]);

await using cluster = await Cluster.create(simulated(), { progress: false });
const connect = await milliseconds(() => cluster.addNodes(nodes));

function fanOut(): Promise<number> {
  return milliseconds(() => Promise.all(cluster.nodes.map((node) => node.run("/bin/true"))));
}

async function heartbeatCpu(): Promise<number> {
  const before = process.cpuUsage();
  await delay(QUIET);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (QUIET * 1000) * 100;
}

await fanOut();
const fanOuts: number[] = [];
for (let i = 0; i < FAN_OUTS; i++) fanOuts.push(await fanOut());
const cpu = await heartbeatCpu();
const memory = Deno.memoryUsage().rss / 1e6;
const point: Omit<GrowthPoint, "memoryPerNode"> = {
  nodes,
  connect,
  fanOut: median(fanOuts),
  heartbeatCpu: cpu,
  memory,
};
console.log(JSON.stringify(point));
