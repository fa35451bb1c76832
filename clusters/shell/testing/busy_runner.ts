/**
 * A runner whose thread is busy: it looks for orders in a file, and never lets anything else run. Its
 * arguments are a backend, the name of its cluster, and the path of that file.
 *
 * @module
 */
import { Cluster } from "../../cluster/mod.ts";
import { local } from "../../local/mod.ts";
import { loopback } from "../../loopback/mod.ts";

/** What it says once its nodes are there, as a line of JSON. */
export interface BusyReport {
  readonly pid: number;
  readonly rootDir: string;
}

/** Milliseconds between two looks. */
const PAUSE = 10;

async function main([backend, name, orders = ""]: string[]): Promise<void> {
  const made = backend === "local" ? local() : loopback();
  await using cluster = await Cluster.create(made, { name, progress: false });
  const [node] = await cluster.addNodes(2, { env: { MINE: "yes" } });
  const report: BusyReport = { pid: Deno.pid, rootDir: node.rootDir };
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(report)}\n`));
  for (;;) {
    const order = nextOrder(orders);
    if (order === "destroy") await node.destroy();
    else if (order === "kill") await node.kill();
    else if (order === "start") await node.start();
    else if (order === "rest") await rest(orders);
    else return;
  }
}

/** Leaves this thread to others until there is an order. */
async function rest(path: string): Promise<void> {
  while (!await Deno.lstat(path).then(() => true, () => false)) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Blocks this thread until there is one. */
function nextOrder(path: string): string {
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      const order = Deno.readTextFileSync(path);
      Deno.removeSync(path);
      return order;
    } catch {
      Atomics.wait(nobody, 0, 0, PAUSE);
    }
  }
}

if (import.meta.main) await main(Deno.args);
