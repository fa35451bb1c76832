import assert from "node:assert/strict";
import { join } from "node:path";
import { runTool } from "../../agent/build/run_tool.ts";
import type { BackendRecipe, RunIdentity } from "../kit/mod.ts";
import { EventStream } from "../events/event_stream.ts";
import { local } from "../local/mod.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { ClusterRecord } from "../record/cluster_record.ts";
import { hasFailed, readIndex, type RunIndex } from "../record/run_index.ts";
import { RUNS } from "../record/runs_folder.ts";
import { removeFolder } from "../testing/remove_folder.ts";
import { Guardian } from "./guardian.ts";
import { awaitState, commandLines } from "./testing/command_lines.ts";
import { type RunnerOptions, RunnerProcess } from "./testing/runner_process.ts";

/** Milliseconds until everything has to be gone, on a machine that is busy with other tests. */
const WITHIN = 20_000;

const backends: readonly RunnerOptions["backend"][] = ["local", "loopback"];

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: Deno.build.os !== "linux", fn });
}

for (const backend of backends) {
  test(`a guardian leaves nothing when a runner on ${backend} is killed`, async () => {
    await using runner = await RunnerProcess.start({ backend });
    await runner.kill();
    await runner.awaitNothing({ within: WITHIN });
  });

  test(`a guardian leaves nothing when a runner on ${backend} is interrupted`, async () => {
    await using runner = await RunnerProcess.start({ backend });
    await runner.interrupt();
    await runner.awaitNothing({ within: WITHIN });
  });

  test(`a guardian leaves nothing when a runner on ${backend} throws`, async () => {
    await using runner = await RunnerProcess.start({ backend, fail: true });
    assert.notEqual((await runner.status).code, 0);
    await runner.awaitNothing({ within: WITHIN });
  });
}

test("a guardian leaves nothing when `deno test` is interrupted", async () => {
  await using runner = await RunnerProcess.start({ backend: "local", by: "test" });
  await runner.interrupt();
  await runner.awaitNothing({ within: WITHIN });
});

test("a guardian that was killed is replaced, and leaves nothing when its runner is killed", async () => {
  await using runner = await RunnerProcess.start({ backend: "local" });
  const [first] = await runner.guardians();
  Deno.kill(first!, "SIGKILL");
  await awaitState(
    async () => (await runner.guardians()).map(String),
    ([other, ...others]) => other !== undefined && others.length === 0 && other !== `${first}`,
    WITHIN,
  );
  await runner.kill();
  await runner.awaitNothing({ within: WITHIN });
});

test("a guardian sweeps each backend, and says in the record which of them it could not", async () => {
  const dir = await Deno.makeTempDir();
  const file = join(dir, "swept");
  const sweeping = import.meta.resolve("./testing/second_sweep.ts");
  recordCluster(dir);
  await endGuardian(dir, [
    { module: `file://${dir}/removed.ts`, options: {} },
    { module: sweeping, options: { file } },
  ]);
  assert.equal(await Deno.readTextFile(file), "swept");
  const { end } = (await recordBelow(dir)).index.clusters[0]!;
  assert.equal(end!.how, "interrupted");
  assert.equal(end!.errors.length, 1);
  assert.match(
    end!.errors[0]!,
    /^Cannot remove what the run has made by file:.*\/removed\.ts: Module not/,
  );
  await Deno.remove(dir, { recursive: true });
});

test("a guardian stays when a backend cannot give back what it made before it failed to open", async () => {
  const dir = await Deno.makeTempDir();
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const program = new URL("./testing/half_open_runner.ts", import.meta.url).pathname;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", "--no-check", "--config", config, program],
    cwd: dir,
    stdin: "null",
  }).output();
  const said = new TextDecoder().decode(stderr);
  assert.match(said, /^Error: It cannot be opened$/m);
  assert.match(
    said,
    /^cluster: not all of it could be given back: Error: It cannot be given back$/m,
  );
  const folder = new TextDecoder().decode(stdout);
  assert.match(folder, /^\/tmp\/clustertest-/);
  await awaitState(
    async () => {
      const isThere = await Deno.lstat(folder).then(() => true, () => false);
      return isThere ? [folder] : [];
    },
    ({ length }) => length === 0,
    WITHIN,
  );
  await removeFolder(dir);
});

test("sweep() removes what a runner left that was killed with its guardian", async () => {
  await using runner = await RunnerProcess.start({ backend: "local" });
  await using living = await RunnerProcess.start({ backend: "local" });
  await runner.killWithGuardian();
  const left = await runner.leftOvers();
  assert.ok(left.length > 1, left.join("\n"));

  const { found } = await local().sweep({ dryRun: true });
  const mine = found.filter(({ reason }) => reason.includes(runner.report.run));
  assert.equal(mine.length, left.length);
  assert.ok(mine.every(({ outcome }) => outcome === "would be removed"));
  assert.ok(!found.some(({ reason }) => reason.includes(living.report.run)));
  assert.equal((await runner.leftOvers()).length, left.length);

  // Of this run alone: other tests leave something behind as well, and look for it.
  await local().sweep({ run: runner.report.run });
  await runner.awaitNothing({ within: WITHIN });
  // Eight processes, a guardian and a folder: all that belongs to the living one.
  assert.equal((await living.leftOvers()).length, 10);
});

for (const how of ["kill", "interrupt", "killWithGuardian"] as const) {
  test(`a runner leaves its record, and what processes wrote, after ${how}()`, async () => {
    await using runner = await RunnerProcess.start({ backend: "loopback" });
    await runner[how]();
    if (how !== "killWithGuardian") await runner.awaitNothing({ within: WITHIN });
    const { run, index } = await recordBelow(runner.dir);
    assert.ok(hasFailed(index));
    const [cluster] = index.clusters;
    if (how !== "killWithGuardian") {
      assert.equal(cluster!.end!.how, "interrupted");
      const report = await Deno.readTextFile(join(run, "report.html"));
      assert.match(report, /<span class="verdict interrupted">interrupted<\/span> cluster /);
    }
    const outputs = join(run, cluster!.folder, "output/node1");
    const [output] = await Array.fromAsync(Deno.readDir(outputs));
    assert.match(output!.name, /^\d+-sh\.stdout$/);
    assert.equal(await Deno.readTextFile(join(outputs, output!.name)), "busy\n");
  });
}

/** Begins the record of a cluster of the run that `endGuardian` means. */
function recordCluster(dir: string): void {
  const run = { id: "no-run", owner: currentProcess() };
  const backend = { name: "local", options: {} };
  const events = new EventStream("abc");
  using _record = new ClusterRecord(events, { run, id: "abc", name: "cluster", backend, dir });
  events.emit({ type: "cluster-created", backend: "local", name: "cluster" });
}

/** The one run that is recorded below a folder. */
async function recordBelow(dir: string): Promise<{ run: string; index: RunIndex }> {
  const entries = await Array.fromAsync(Deno.readDir(join(dir, RUNS)));
  const run = join(dir, RUNS, entries.find(({ isDirectory }) => isDirectory)!.name);
  return { run, index: readIndex(run)! };
}
/** A run of this process. */
function newRun(): RunIdentity {
  return { id: `test-${crypto.randomUUID()}`, owner: currentProcess() };
}

/** The numbers of a run's guardians, whatever they do. */
async function guardiansOf({ id }: RunIdentity): Promise<string[]> {
  return (await commandLines([`guardian/main.ts ${id}`])).map((line) => line.split(" ")[0]!);
}

/** A recipe of a backend that finds nothing the second time, and then writes `file`. */
function recipeOf(file: string): BackendRecipe {
  return { module: import.meta.resolve("./testing/second_sweep.ts"), options: { file } };
}

test("clusters that are made at the same time have one guardian", async () => {
  const run = newRun();
  const onUnguarded = () => {};
  const watches = await Promise.all(
    ["a", "b", "b", "c"].map((file) =>
      Guardian.watch(run, { recipe: recipeOf(file), onUnguarded })
    ),
  );
  assert.equal((await guardiansOf(run)).length, 1);
  for (const watch of watches.slice(1)) await watch[Symbol.asyncDispose]();
  assert.equal((await guardiansOf(run)).length, 1);
  // One is made while the last one of before is disposed of.
  const [next] = await Promise.all([
    Guardian.watch(run, { recipe: recipeOf("a"), onUnguarded }),
    watches[0]![Symbol.asyncDispose](),
  ]);
  assert.equal((await guardiansOf(run)).length, 1);
  await next[Symbol.asyncDispose]();
  assert.deepEqual(await guardiansOf(run), []);
});

test("guardians that keep ending are given up, and every cluster is told", async () => {
  const run = newRun();
  const told: string[] = [];
  const options = (file: string) => ({
    recipe: recipeOf(file),
    onUnguarded: (reason: string) => void told.push(reason),
  });
  const watches = [
    await Guardian.watch(run, options("a")),
    await Guardian.watch(run, options("b")),
  ];
  const killed = new Set<string>();
  for (let times = 0; times < 3; times++) {
    const another = async () => (await guardiansOf(run)).filter((pid) => !killed.has(pid));
    await awaitState(another, ({ length }) => length === 1, WITHIN);
    for (const pid of await another()) {
      killed.add(pid);
      Deno.kill(Number(pid), "SIGKILL");
    }
  }
  await awaitState(() => Promise.resolve(told), ({ length }) => length === 2, WITHIN);
  for (const reason of told) assert.match(reason, /3 guardians have ended.*deno task sweep/);
  // The next one is not unguarded in silence, although its recipe is known.
  await assert.rejects(Guardian.watch(run, options("a")), /^Error: Cannot guard the run/);
  for (const watch of watches) await watch[Symbol.asyncDispose]();
  assert.deepEqual(await guardiansOf(run), []);
});

test("a guardian loads the backends of a run while its runner is there, also those that are composed", async () => {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-guardian-" });
  const { npmCache } = JSON.parse(await runTool([Deno.execPath(), "info", "--json"]));
  await Deno.symlink(npmCache, join(dir, "npm"));
  const recipe: BackendRecipe = {
    module: import.meta.resolve("../composed/mod.ts"),
    options: { box: { backend: "docker", options: {} } },
  };
  const child = spawnGuardian(dir, { DENO_DIR: dir });
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(`${JSON.stringify(recipe)}\n`));
  // What Deno keeps of a module that it has loaded.
  const loaded = join(dir, "gen/file", new URL("../docker/mod.ts.js", import.meta.url).pathname);
  const deadline = performance.now() + WITHIN;
  try {
    while (!await Deno.stat(loaded).catch(() => false)) {
      assert.ok(performance.now() < deadline, "it has not loaded the backend");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await input.abort().catch(() => {});
    await removeFolder(dir);
  }
});

/** Starts a guardian, whose run has its record in `dir`, with these variables as well. */
function spawnGuardian(dir: string, env: Record<string, string> = {}): Deno.ChildProcess {
  const main = new URL("./main.ts", import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", "--no-lock", "--no-check", main, "no-run", dir],
    env,
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
}

/** Lets a guardian, whose run has its record in `dir`, find that its runner is gone. */
async function endGuardian(dir: string, recipes: readonly BackendRecipe[]): Promise<void> {
  const child = spawnGuardian(dir);
  const lines = recipes.map((recipe) => `${JSON.stringify(recipe)}\n`);
  await ReadableStream.from(lines).pipeThrough(new TextEncoderStream()).pipeTo(child.stdin);
  await child.status;
}
