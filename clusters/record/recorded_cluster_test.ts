import assert from "node:assert/strict";
import { Cluster } from "../../mod.ts";
import type { ClusterEvent } from "../events/events.ts";
import { local } from "../local/mod.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { openRunFolder } from "./runs_folder.ts";

/** The events in the record of a cluster that was named "recorded". */
async function eventsOf({ id }: Cluster): Promise<ClusterEvent[]> {
  const folder = openRunFolder(Deno.cwd(), currentProcess());
  const text = await Deno.readTextFile(`${folder}/recorded-${id}/events.jsonl`);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

Deno.test("a cluster leaves a record of what was moved, and of what was done to its nodes", async () => {
  const cluster = await Cluster.create(local(), { name: "recorded", progress: false });
  const node = await cluster.addNode();
  await node.writeTextFile("file", "12345");
  await assert.rejects(node.readTextFile("missing"));
  await node.pause();
  await node.resume();
  await node.restart();
  await node.readTextFile("file");
  await node.kill();
  await node.start();
  await cluster[Symbol.asyncDispose]();
  const events = await eventsOf(cluster);
  const seen = events.flatMap((event) => {
    if (event.type === "content-moved") return [`${event.member} ${event.path} ${event.bytes}`];
    return /^node-(down|up|killed|started|paused|resumed|restarted)$/.test(event.type)
      ? [event.type]
      : [];
  });
  assert.deepEqual(seen, [
    "writeFile file 5",
    "node-paused",
    "node-resumed",
    "node-down",
    "node-up",
    "node-restarted",
    "readFile file 5",
    "node-down",
    "node-killed",
    "node-up",
    "node-started",
  ]);
});

Deno.test("a cluster leaves a record of its commands when it ends", async () => {
  const cluster = await Cluster.create(local(), { name: "recorded", progress: false });
  const node = await cluster.addNode();
  await node.run("sh", ["-c", "echo out; echo err >&2; exit 3"], { check: false });
  await cluster[Symbol.asyncDispose]();
  const events = await eventsOf(cluster);
  assert.equal(events[0]?.type, "cluster-created");
  assert.equal(events.at(-1)?.type, "cluster-disposed");
  const command = events.find((event) => event.type === "command-ended");
  assert.deepEqual(
    [command?.code, command?.stdout, command?.stderr],
    [3, "out\n", "err\n"],
  );
});
