/**
 * A program that holds a cluster; its arguments are a name, the way, and what `hold` is to be told. It
 * says, a line each, the warnings and how the hold went.
 *
 * @module
 */
import { Cluster, failCluster, keepCluster } from "../../cluster/mod.ts";
import { local } from "../../local/mod.ts";

/** How it is held. */
export type Way = "hold" | "keep" | "abort" | "fail" | "lose" | "dispose";

async function main([name = "store", way = "hold", text = "look"]: string[]): Promise<void> {
  await using cluster = await Cluster.create(local(), { name, progress: false });
  cluster.events.subscribe((event) => {
    if (event.type === "warning") say(`warning: ${event.message}`);
    if (event.type === "cluster-held") say("held");
    if (event.type === "cluster-released") say(`released: ${event.reason}`);
  });
  const [node] = await cluster.addNodes(1);
  const controller = new AbortController();
  const holding = way === "keep"
    ? keepCluster(cluster, text)
    : cluster.hold(text, { signal: controller.signal });
  const told = holding.then(() => say("went on"), (reason) => say(`rejected: ${reason}`));
  if (way !== "hold" && way !== "keep") await forHeld(cluster);
  if (way === "abort") controller.abort("given up");
  if (way === "fail") failCluster(cluster, new Error("its test is over"));
  if (way === "lose") await node.destroy();
  if (way === "dispose") await cluster[Symbol.asyncDispose]();
  await told;
}

/** Resolves once it is held, which it may be already. */
async function forHeld({ events }: Cluster): Promise<void> {
  for await (const { type } of events) if (type === "cluster-held") return;
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

if (import.meta.main) await main(Deno.args);
