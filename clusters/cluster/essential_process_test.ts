import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { EssentialProcessError } from "../errors.ts";
import { local } from "../local/mod.ts";
import { eventually } from "../waiting/mod.ts";
import { Cluster } from "./cluster.ts";

const OPTIONS = { progress: false } as const;
const ESSENTIAL = { essential: true } as const;

async function over({ signal }: Cluster): Promise<EssentialProcessError> {
  while (!signal.aborted) await new Promise((go) => signal.addEventListener("abort", go));
  ok(signal.reason instanceof EssentialProcessError);
  return signal.reason;
}

Deno.test("an essential process ends the test when somebody else has killed it", async () => {
  await using cluster = await Cluster.create(local(), OPTIONS);
  const node = await cluster.addNode();
  const process = await node.spawn("sleep", ["1000"], ESSENTIAL);
  await node.run("kill", ["-9", `${process.pid}`]);
  const { code, signal } = await over(cluster);
  deepStrictEqual([code, signal], [137, "SIGKILL"]);
});

Deno.test("a signal that asks for something else does not excuse a later end", async () => {
  await using cluster = await Cluster.create(local(), OPTIONS);
  const node = await cluster.addNode();
  const script = "trap 'echo reloaded' HUP; echo ready; read line; exit 5";
  const process = await node.spawn("sh", ["-c", script], { ...ESSENTIAL, stdin: "piped" });
  await process.waitForOutput("ready");
  await process.kill("SIGHUP");
  await process.stdin.close();
  strictEqual((await over(cluster)).code, 5);
});

Deno.test("an essential process whose input fails ends the test, and the error has the reason", async () => {
  await using cluster = await Cluster.create(local(), OPTIONS);
  const node = await cluster.addNode();
  const boom = new Error("boom");
  const input = new ReadableStream<Uint8Array>({ pull: (each) => each.error(boom) });
  const { status } = await node.spawn("cat", [], { ...ESSENTIAL, input });
  await rejects(status, (error) => error === boom);
  strictEqual((await over(cluster)).cause, boom);
});

Deno.test("the first of several essential processes is the reason, and the others are told of", async () => {
  await using cluster = await Cluster.create(local(), OPTIONS);
  const told: string[] = [];
  cluster.events.subscribe((event) => {
    if (event.type === "essential-process-ended") told.push(event.command.at(-1)!);
  });
  const node = await cluster.addNode();
  const later = await node.spawn("sh", ["-c", "read line; exit 2"], {
    ...ESSENTIAL,
    stdin: "piped",
  });
  await node.spawn("sh", ["-c", "exit 1"], ESSENTIAL);
  strictEqual((await over(cluster)).code, 1);
  await later.stdin.close();
  await later.status;
  await cluster[Symbol.asyncDispose]();
  deepStrictEqual(told, ["exit 1", "read line; exit 2"]);
  strictEqual((await over(cluster)).code, 1);
});

Deno.test("the end of a cluster is no failure of its essential processes", async () => {
  const cluster = await Cluster.create(local(), OPTIONS);
  const node = await cluster.addNode();
  await node.spawn("sleep", ["1000"], ESSENTIAL);
  await cluster[Symbol.asyncDispose]();
  ok(cluster.signal.reason instanceof Deno.errors.BadResource);
});

Deno.test("eventually() ends with the cluster whose nodes it asks, unless it does not ask them", async () => {
  const cluster = await Cluster.create(local(), OPTIONS);
  const node = await cluster.addNode();
  let count = 0;
  const elsewhere = eventually(() => {
    if (++count < 10) throw new Error(`try ${count}`);
    return "there";
  });
  const { promise: tried, resolve } = Promise.withResolvers<void>();
  const waiting = eventually(async () => {
    await node.hostname();
    resolve();
    throw new Error("not yet");
  }, { timeout: Infinity });
  const refused = rejects(waiting, Deno.errors.BadResource);
  await tried;
  await cluster[Symbol.asyncDispose]();
  await refused;
  strictEqual(await elsewhere, "there");
});
