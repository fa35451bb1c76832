import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { currentProcess } from "../ownership/process_identity.ts";
import { removeOldRuns } from "./old_runs.ts";
import { type ClusterEntry, LAYOUT_VERSION, writeIndex } from "./run_index.ts";
import { openRunFolder, RUNS } from "./runs_folder.ts";
import { type RecordsFolder, recordsFolder } from "./testing/records_folder.ts";

const GONE = { ...currentProcess(), start: "long ago" };

/** The owner on another machine: whether it lives cannot be known here. */
const UNKNOWN = { ...currentProcess(), namespace: "0123456789abcdef" };

const CLUSTER: ClusterEntry = {
  id: "abc",
  name: "cluster",
  folder: "cluster-abc",
  run: "run1",
  backend: { name: "local", options: {} },
  started: 0,
  nodes: [],
};

const DISPOSED = { ...CLUSTER, end: { how: "disposed", time: 1, errors: [] } } as const;

/** What became of a run that is in the record already. */
interface OldRun {
  readonly name: string;
  readonly owner?: typeof GONE;
  readonly started?: number;
  readonly cluster?: ClusterEntry;
  /** Bytes of output. @default 0 */
  readonly size?: number;
  /** Bytes behind them that are a hole. @default 0 */
  readonly hole?: number;
}

async function addRun(
  { dir }: RecordsFolder,
  { name, owner = GONE, started = 0, cluster = DISPOSED, size = 0, hole = 0 }: OldRun,
): Promise<void> {
  const folder = join(dir, RUNS, name);
  await Deno.mkdir(join(folder, "cluster-abc"), { recursive: true });
  await Deno.writeFile(join(folder, "cluster-abc/output"), new Uint8Array(size));
  await Deno.truncate(join(folder, "cluster-abc/output"), size + hole);
  const versions = { clustertest: "0", deno: "0", os: "0", arch: "0" };
  const about = { command: [], cwd: "/", versions };
  writeIndex(folder, { layout: LAYOUT_VERSION, owner, started, ...about, clusters: [cluster] });
}

/** Ten runs that are newer than those whose names begin with a 1. */
async function addLatest(folder: RecordsFolder): Promise<string[]> {
  const names = Array.from({ length: 10 }, (_, i) => `20260101-00000${i}-p1`);
  for (const name of names) await addRun(folder, { name });
  return names;
}

async function namesLeft(folder: RecordsFolder, options?: { maxFailed: number }) {
  removeOldRuns(join(folder.dir, RUNS), options);
  return (await folder.runs()).map((run) => basename(run));
}

Deno.test("the latest ten runs are kept, and those that go on", async () => {
  await using folder = await recordsFolder();
  await addRun(folder, { name: "1-old" });
  await addRun(folder, { name: "1-running", owner: currentProcess(), cluster: CLUSTER });
  const latest = await addLatest(folder);
  assert.deepEqual(await namesLeft(folder), ["1-running", ...latest]);
});

Deno.test("a run that cannot be judged is kept for a day", async () => {
  await using folder = await recordsFolder();
  const hour = 3_600_000;
  const run = { owner: UNKNOWN };
  await addRun(folder, { ...run, name: "1-yesterday", started: Date.now() - 25 * hour });
  await addRun(folder, { ...run, name: "1-today", started: Date.now() - 23 * hour });
  const latest = await addLatest(folder);
  assert.deepEqual(await namesLeft(folder), ["1-today", ...latest]);
});

Deno.test("failed runs are kept besides the latest ten, the newest of them up to a size", async () => {
  await using folder = await recordsFolder();
  const interrupted = { ...CLUSTER, end: { how: "interrupted", time: 1, errors: [] } } as const;
  const left = { ...CLUSTER, end: { how: "disposed", time: 1, errors: ["it stays"] } } as const;
  const [size, hole] = [64_000, 1_000_000];
  await addRun(folder, { name: "1-a-too-old", cluster: interrupted, size });
  await addRun(folder, { name: "1-b-interrupted", cluster: interrupted, size, hole });
  await addRun(folder, { name: "1-c-killed-with-its-guardian", cluster: CLUSTER, size });
  await addRun(folder, { name: "1-d-left-something", cluster: left, size });
  await addRun(folder, { name: "1-e-passed", size });
  const latest = await addLatest(folder);
  assert.deepEqual(await namesLeft(folder, { maxFailed: 3.5 * size }), [
    "1-b-interrupted",
    "1-c-killed-with-its-guardian",
    "1-d-left-something",
    ...latest,
  ]);
});

Deno.test("folders of other versions count as runs that have passed", async () => {
  await using folder = await recordsFolder();
  await Deno.mkdir(join(folder.dir, RUNS, "1-other"), { recursive: true });
  const latest = await addLatest(folder);
  assert.deepEqual(await namesLeft(folder), latest);
});

Deno.test("a new invocation removes what is old", async () => {
  await using folder = await recordsFolder();
  await addRun(folder, { name: "1-old" });
  await addLatest(folder);
  const opened = openRunFolder(folder.dir, currentProcess());
  assert.equal(openRunFolder(folder.dir, currentProcess()), opened);
  const names = (await folder.runs()).map((run) => basename(run));
  assert.equal(names.length, 10);
  assert.equal(names.at(-1), basename(opened));
});
