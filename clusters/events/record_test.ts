import assert from "node:assert/strict";
import { join } from "node:path";
import { Cluster } from "../../mod.ts";
import type { RunIdentity } from "../kit/backend.ts";
import { EventStream } from "./event_stream.ts";
import type { ClusterEvent } from "./events.ts";
import { local } from "../local/mod.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { recordRun } from "./record.ts";

/** A folder below which records are kept. */
async function recordsFolder(): Promise<AsyncDisposable & { dir: string; runs: string }> {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-record-" });
  return {
    dir,
    runs: join(dir, ".clustertest/runs"),
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

function runNamed(id: string): RunIdentity {
  return { id, owner: currentProcess() };
}

/** A run whose process cannot be there any more. */
function deadRun(id: string): RunIdentity {
  return { id, owner: { ...currentProcess(), start: "long ago" } };
}

async function linesOf(path: string): Promise<ClusterEvent[]> {
  const text = await Deno.readTextFile(path);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** Makes the record of a cluster to which nothing happens but its end. */
function recordNothing(dir: string, run: RunIdentity): void {
  const events = new EventStream("abc");
  using _record = recordRun(events, { run, name: "cluster", dir });
  events.emit({ type: "cluster-disposed", errors: [] });
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

Deno.test("recordRun() writes each event as it happens, a line each", async () => {
  await using folder = await recordsFolder();
  const { dir, runs } = folder;
  const events = new EventStream("abc");
  const run = runNamed("run1");
  const record = recordRun(events, { run, name: "store", dir });
  events.emit({ type: "nodes-requested", names: ["node1"] });
  const path = join(runs, "run1/store-abc.jsonl");
  assert.deepEqual((await linesOf(path)).map(({ type }) => type), ["nodes-requested"]);
  events.emit({ type: "warning", message: "two\nlines" });
  record[Symbol.dispose]();
  events.emit({ type: "warning", message: "nobody listens" });
  const [first, second, ...rest] = await linesOf(path);
  assert.equal(first?.cluster, "abc");
  assert.equal(second?.type === "warning" && second.message, "two\nlines");
  assert.deepEqual(rest, []);
  assert.deepEqual(JSON.parse(await Deno.readTextFile(join(runs, "run1/run.json"))), run);
});

Deno.test("recordRun() makes no folder when nothing happens", async () => {
  await using folder = await recordsFolder();
  recordRun(new EventStream("abc"), { run: runNamed("run1"), name: "x", dir: folder.dir })
    [Symbol.dispose]();
  assert.deepEqual(await namesIn(folder.dir), []);
});

Deno.test("recordRun() keeps its folder out of version control", async () => {
  await using folder = await recordsFolder();
  recordNothing(folder.dir, runNamed("run1"));
  assert.equal(await Deno.readTextFile(join(folder.dir, ".clustertest/.gitignore")), "*\n");
});

Deno.test("recordRun() keeps the end of a long output", async () => {
  await using folder = await recordsFolder();
  const events = new EventStream("abc");
  const { dir, runs } = folder;
  using _record = recordRun(events, { run: runNamed("run1"), name: "cluster", dir });
  events.emit({
    type: "command-ended",
    node: "node1",
    process: "process1",
    command: ["cat"],
    code: 0,
    signal: null,
    elapsed: 1,
    stdout: `${"x".repeat(1_000_000)}end`,
    stderr: "",
  });
  const [event] = await linesOf(join(runs, "run1/cluster-abc.jsonl"));
  const stdout = event?.type === "command-ended" ? event.stdout : "";
  assert.equal(stdout.length, 64 * 1024 + 1);
  assert.match(stdout, /^…x+end$/);
});

Deno.test("recordRun() keeps the last ten runs, and those that go on", async () => {
  await using folder = await recordsFolder();
  const { dir, runs } = folder;
  recordNothing(dir, runNamed("20260101r1"));
  for (let i = 10; i < 25; i++) recordNothing(dir, deadRun(`202602${i}r1`));
  const kept = Array.from({ length: 10 }, (_, i) => `202602${i + 15}r1`);
  assert.deepEqual(await namesIn(runs), ["20260101r1", ...kept]);
});

Deno.test("recordRun() keeps for a day what a run made that cannot be judged", async () => {
  await using folder = await recordsFolder();
  const { dir, runs } = folder;
  const owner = { ...currentProcess(), namespace: "0123456789abcdef" };
  for (const id of ["20260101r1", "20260102r1"]) recordNothing(dir, { id, owner });
  const twoDaysAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
  await Deno.utime(join(runs, "20260101r1"), twoDaysAgo, twoDaysAgo);
  for (let i = 10; i < 25; i++) recordNothing(dir, deadRun(`202602${i}r1`));
  const kept = Array.from({ length: 10 }, (_, i) => `202602${i + 15}r1`);
  assert.deepEqual(await namesIn(runs), ["20260102r1", ...kept]);
});

Deno.test("recordRun() says once that it cannot write, and harms nothing", async () => {
  await using folder = await recordsFolder();
  const { dir } = folder;
  await Deno.writeTextFile(join(dir, ".clustertest"), "a file is in the way");
  const events = new EventStream("abc");
  const seen: ClusterEvent[] = [];
  using _subscription = events.subscribe((event) => seen.push(event));
  using _record = recordRun(events, { run: runNamed("run1"), name: "cluster", dir });
  events.emit({ type: "nodes-requested", names: ["node1"] });
  events.emit({ type: "cluster-disposed", errors: [] });
  const warnings = seen.flatMap((event) => event.type === "warning" ? [event.message] : []);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /^Cannot record the run: /);
  assert.equal(seen.length, 3);
});

Deno.test("a cluster leaves a record of what was moved, and of what was done to its nodes", async () => {
  const cluster = await Cluster.create(local(), { name: "recorded", progress: false });
  const node = await cluster.addNode();
  const run = node.rootDir.split("/").at(-3)!;
  await node.writeTextFile("file", "12345");
  await assert.rejects(node.readTextFile("missing"));
  await node.pause();
  await node.resume();
  await node.restart();
  await node.readTextFile("file");
  await node.kill();
  await cluster[Symbol.asyncDispose]();
  const events = await linesOf(`.clustertest/runs/${run}/recorded-${cluster.id}.jsonl`);
  const told = events.flatMap((event) => {
    if (event.type === "content-moved") return [`${event.member} ${event.path} ${event.bytes}`];
    return /^node-(killed|paused|resumed|restarted)$/.test(event.type) ? [event.type] : [];
  });
  assert.deepEqual(told, [
    "writeFile file 5",
    "node-paused",
    "node-resumed",
    "node-restarted",
    "readFile file 5",
    "node-killed",
  ]);
});

Deno.test("a cluster leaves a record of its commands when it ends", async () => {
  const cluster = await Cluster.create(local(), { name: "recorded", progress: false });
  const node = await cluster.addNode();
  await node.run("sh", ["-c", "echo out; echo err >&2; exit 3"], { check: false });
  const run = node.rootDir.split("/").at(-3)!;
  await cluster[Symbol.asyncDispose]();
  const events = await linesOf(`.clustertest/runs/${run}/recorded-${cluster.id}.jsonl`);
  assert.equal(events[0]?.type, "cluster-created");
  assert.equal(events.at(-1)?.type, "cluster-disposed");
  const command = events.find((event) => event.type === "command-ended");
  assert.deepEqual(
    [command?.code, command?.stdout, command?.stderr],
    [3, "out\n", "err\n"],
  );
});
