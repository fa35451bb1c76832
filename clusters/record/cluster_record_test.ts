import assert from "node:assert/strict";
import { join } from "node:path";
import { EventStream } from "../events/event_stream.ts";
import type { ClusterEvent } from "../events/events.ts";
import type { RunIdentity } from "../kit/mod.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { ClusterRecord, type ClusterRecordOptions } from "./cluster_record.ts";
import { recordInterruption } from "./interruption.ts";
import { hasFailed, readIndex } from "./run_index.ts";
import { recordsFolder } from "./testing/records_folder.ts";

const RUN: RunIdentity = { id: "run1", owner: currentProcess() };

/** The record of a cluster named "store". */
function recordIn(dir: string, options: Partial<ClusterRecordOptions> = {}) {
  const { id = "abc" } = options;
  const events = new EventStream(id);
  const backend = { name: "local", options: {} };
  const record = new ClusterRecord(events, {
    run: RUN,
    id,
    name: "store",
    backend,
    dir,
    ...options,
  });
  return { events, record };
}

async function linesOf(path: string): Promise<ClusterEvent[]> {
  const text = await Deno.readTextFile(path);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

Deno.test("ClusterRecord writes each event as it happens, a line each", async () => {
  await using folder = await recordsFolder();
  const { events, record } = recordIn(folder.dir);
  events.emit({ type: "nodes-requested", names: ["node1"] });
  const path = join((await folder.runs())[0]!, "store-abc/events.jsonl");
  assert.deepEqual((await linesOf(path)).map(({ type }) => type), ["nodes-requested"]);
  events.emit({ type: "warning", message: "two\nlines" });
  record[Symbol.dispose]();
  events.emit({ type: "warning", message: "nobody listens" });
  const [first, second, ...rest] = await linesOf(path);
  assert.equal(first?.cluster, "abc");
  assert.equal(second?.type === "warning" && second.message, "two\nlines");
  assert.deepEqual(rest, []);
});

Deno.test("ClusterRecord makes no folder when nothing happens", async () => {
  await using folder = await recordsFolder();
  recordIn(folder.dir).record[Symbol.dispose]();
  assert.deepEqual(await Array.fromAsync(Deno.readDir(folder.dir)), []);
});

Deno.test("ClusterRecord keeps its folder to its user, and out of version control", async () => {
  await using folder = await recordsFolder();
  const { events, record } = recordIn(folder.dir);
  using _record = record;
  events.emit({ type: "cluster-disposed", errors: [] });
  assert.equal(await Deno.readTextFile(join(folder.dir, ".clustertest/.gitignore")), "*\n");
  const { mode } = await Deno.stat((await folder.runs())[0]!);
  assert.equal(mode! & 0o777, 0o700);
});

Deno.test("ClusterRecord keeps the end of a long output in an event", async () => {
  await using folder = await recordsFolder();
  const { events, record } = recordIn(folder.dir);
  using _record = record;
  const command = { node: "node1", process: "process1", command: ["cat"] };
  const end = { code: 0, signal: null, elapsed: 1, stderr: "" };
  events.emit({
    type: "command-ended",
    ...command,
    ...end,
    stdout: `${"x".repeat(1_000_000)}end`,
  });
  const [event] = await linesOf(join((await folder.runs())[0]!, "store-abc/events.jsonl"));
  const stdout = event?.type === "command-ended" ? event.stdout : "";
  assert.equal(stdout.length, 64 * 1024 + 1);
  assert.match(stdout, /^…x+end$/);
});

Deno.test("the index of a run tells of its process, its clusters and their nodes", async () => {
  await using folder = await recordsFolder();
  const one = recordIn(folder.dir);
  const two = recordIn(folder.dir, { id: "def" });
  one.events.emit({ type: "node-ready", node: "node1", id: "1", address: "127.0.0.1" });
  two.events.emit({ type: "cluster-disposed", errors: ["Error: it stays"] });
  await Promise.resolve();
  for (const { record } of [one, two]) record[Symbol.dispose]();
  const [run, ...others] = await folder.runs();
  assert.deepEqual(others, []);
  const index = readIndex(run!)!;
  assert.equal(index.layout, 1);
  assert.deepEqual(index.owner, RUN.owner);
  assert.equal(index.versions.deno, Deno.version.deno);
  assert.ok(index.command.length > 1);
  const [first, second] = index.clusters;
  assert.deepEqual(first?.nodes, [{ name: "node1", id: "1", address: "127.0.0.1" }]);
  assert.equal(first?.end, undefined);
  assert.equal(second?.end?.how, "disposed");
  assert.ok(hasFailed(index));
});

Deno.test("the index of a run has the options of nodes, their members, and seeds of faults", async () => {
  await using folder = await recordsFolder();
  const { events, record } = recordIn(folder.dir);
  const about = { id: "1", address: "127.0.0.1", member: "box", options: { memory: "1g" } };
  events.emit({ type: "node-ready", node: "node1", ...about });
  const fault = { action: "shape node1 to node2: loss 0.2, seed 7", elapsed: 1 };
  events.emit({ type: "fault-injected", fault: "fault1", ...fault, seed: 7 });
  events.emit({ type: "fault-injected", fault: "fault2", action: "isolate node1", elapsed: 1 });
  await Promise.resolve();
  record[Symbol.dispose]();
  const [cluster] = readIndex((await folder.runs())[0]!)!.clusters;
  assert.deepEqual(cluster?.nodes, [{ name: "node1", ...about }]);
  assert.deepEqual(cluster?.seeds, [{ fault: "fault1", action: fault.action, seed: 7 }]);
});

Deno.test("recordInterruption() says which clusters were not disposed of, and what is left", async () => {
  await using folder = await recordsFolder();
  for (const id of ["one", "two"]) {
    const { events, record } = recordIn(folder.dir, { id });
    events.emit({ type: "cluster-created", backend: "local", name: "store" });
    if (id === "one") events.emit({ type: "cluster-disposed", errors: [] });
    record[Symbol.dispose]();
  }
  const ends = async () =>
    readIndex((await folder.runs())[0]!)!.clusters.map(({ end }) => [end?.how, end?.errors]);
  recordInterruption(folder.dir, { run: "another" });
  assert.deepEqual(await ends(), [["disposed", []], [undefined, undefined]]);
  recordInterruption(folder.dir, { run: RUN.id });
  assert.deepEqual(await ends(), [["disposed", []], ["interrupted", []]]);
  recordInterruption(folder.dir, { run: RUN.id, errors: ["it stays"] });
  assert.deepEqual(await ends(), [["disposed", ["it stays"]], ["interrupted", ["it stays"]]]);
});

Deno.test("recordInterruption() does nothing where nothing was recorded", async () => {
  await using folder = await recordsFolder();
  recordInterruption(folder.dir, { run: RUN.id });
  assert.deepEqual(await Array.fromAsync(Deno.readDir(folder.dir)), []);
});

Deno.test("test files of one process have one run, though each is a thread", async () => {
  await using folder = await recordsFolder();
  const threads = 4;
  const idsOf = (thread: number) => Array.from({ length: 25 }, (_, i) => `c${thread}x${i}`);
  const module = new URL("./testing/recording_worker.ts", import.meta.url);
  await Promise.all(Array.from({ length: threads }, async (_, thread) => {
    const worker = new Worker(module, { type: "module" });
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    worker.onmessage = resolve;
    worker.onerror = reject;
    worker.postMessage({ dir: folder.dir, ids: idsOf(thread) });
    await promise;
    worker.terminate();
  }));
  const runs = await folder.runs();
  assert.equal(runs.length, 1);
  const { clusters } = readIndex(runs[0]!)!;
  const expected = Array.from({ length: threads }, (_, thread) => idsOf(thread)).flat();
  assert.deepEqual(clusters.map(({ id }) => id).sort(), expected.sort());
  assert.ok(clusters.every(({ end }) => end?.how === "disposed"));
  assert.equal(new Set(clusters.map(({ run }) => run)).size, threads);
});

Deno.test("ClusterRecord says once that it cannot write, and harms nothing", async () => {
  await using folder = await recordsFolder();
  await Deno.writeTextFile(join(folder.dir, ".clustertest"), "a file is in the way");
  const { events, record } = recordIn(folder.dir);
  const seen: ClusterEvent[] = [];
  using _subscription = events.subscribe((event) => seen.push(event));
  using _record = record;
  events.emit({ type: "nodes-requested", names: ["node1"] });
  const process = record.process({ node: "a", number: 1, command: "x", outputs: ["stdout"] });
  const bytes = new TextEncoder().encode("last words");
  process.take({ key: 1, output: "stdout", missing: 0, bytes, last: true });
  assert.equal(process.tail("stdout"), "last words");
  events.emit({ type: "cluster-disposed", errors: [] });
  const warnings = seen.flatMap((event) => event.type === "warning" ? [event.message] : []);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /^Cannot record the run: /);
  assert.equal(seen.length, 3);
});

Deno.test("the names of output files have what a path of a command may have, and no more", async () => {
  await using folder = await recordsFolder();
  const { events, record } = recordIn(folder.dir);
  using _record = record;
  events.emit({ type: "cluster-created", backend: "local", name: "store" });
  const bytes = new TextEncoder().encode("x");
  const commands = ["/usr/bin/etcd", "../../../a b;c", "x".repeat(300)];
  commands.forEach((command, i) => {
    const process = record.process({ node: "a", number: i + 1, command, outputs: ["stdout"] });
    process.take({ key: 1, output: "stdout", missing: 0, bytes, last: true });
  });
  const outputs = join((await folder.runs())[0]!, "store-abc/output/a");
  const names = (await Array.fromAsync(Deno.readDir(outputs))).map(({ name }) => name).sort();
  assert.deepEqual(names, ["1-etcd.stdout", "2-a_b_c.stdout", `3-${"x".repeat(40)}.stdout`]);
});
