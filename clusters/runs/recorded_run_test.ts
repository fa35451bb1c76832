import assert from "node:assert/strict";
import { join } from "node:path";
import { RUNS } from "../record/mod.ts";
import { RecordError } from "./record_error.ts";
import { findRun, listRuns } from "./recorded_run.ts";
import { runSummary } from "./run_summary.ts";
import { Recording } from "./testing/recording.ts";

/** An index with something in it that cannot be. */
function wrong(part: string): string {
  return `{"layout": 1, "owner": {"pid": 1}, "started": 1, "command": [], "clusters": [], ${part}}`;
}

/** What an index can be that this version cannot read, and what is said of that. */
const UNREADABLE: readonly (readonly [string, string, RegExp])[] = [
  ["cut", '{"layout": 1, "own', /run\.json is damaged: /],
  ["empty", "", /run\.json is damaged: /],
  ["null", "null", /run\.json is damaged: it has no layout$/],
  ["no index", "[1]", /run\.json is damaged: it has no layout$/],
  ["in part", '{"layout": 1}', /run\.json is damaged: it lacks some of what an index has$/],
  ...[
    '"cwd": 7',
    '"cwd": "/", "tests": [{"name": 7}]',
    '"cwd": "/", "tests": [{"name": "a", "file": null}]',
    '"cwd": "/", "tests": [{"name": "a", "end": {"failures": 7}}]',
    '"cwd": "/", "tests": [{"name": "a", "end": {"failures": [{"stack": 7}]}}]',
  ].map((part) => [part, wrong(part), /run\.json is damaged: it lacks some of what/] as const),
  [
    "newer",
    '{"layout": 99, "versions": {"clustertest": "9.1.0"}}',
    /has layout 99, and this version of clustertest reads 1: read it with the one that wrote it, 9\.1\.0$/,
  ],
];

Deno.test("findRun() says in one line why a record cannot be read, and listRuns() as well", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  const { folder, id } = recording.run;
  for (const [, content, message] of UNREADABLE) {
    await Deno.writeTextFile(join(folder, "run.json"), content);
    const error = errorOf(() => findRun(recording.dir));
    assert.ok(error instanceof RecordError);
    assert.ok(error.message.startsWith(`Cannot read run ${id}: `));
    assert.match(error.message, message);
    assert.ok(!error.message.includes("\n"));
    const [line] = listRuns(recording.dir).map(runSummary);
    assert.match(line!, message);
  }
  await Deno.remove(join(folder, "run.json"));
  assert.throws(() => findRun(recording.dir), /Cannot read run \S+: there is no \S+run\.json$/);
});

Deno.test("findRun() finds the newest, or one by a part of its name that no other has", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  const { id, folder } = recording.run;
  const older = `00000000-000000-p1`;
  await Deno.mkdir(join(recording.dir, RUNS, older));
  await Deno.copyFile(join(folder, "run.json"), join(recording.dir, RUNS, older, "run.json"));
  assert.deepEqual(listRuns(recording.dir).map((run) => run.id), [id, older]);
  assert.equal(findRun(recording.dir).id, id);
  assert.equal(findRun(recording.dir, "last").id, id);
  assert.equal(findRun(recording.dir, "00000000-").id, older);
  assert.equal(findRun(recording.dir, id).id, id);
  for (
    const [name, state] of [["p1", "several have"], ["x", "there is none of"], [
      "",
      "there is none of",
    ]]
  ) {
    assert.throws(
      () => findRun(recording.dir, name),
      new RecordError(
        `Cannot find run "${name}": ${state} that name; there are:\n  ${id}\n  ${older}`,
      ),
    );
  }
});

Deno.test("listRuns() and findRun() are not disturbed by runs of the future, and what cannot be read", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  const { id, folder } = recording.run;
  const [older, future] = ["20000101-000000-p1", "29990101-000000-p1"];
  const unreadable = ["29990101-000001-p2", `${id}-copy`, "notes"];
  for (const name of [older, future, ...unreadable]) {
    await Deno.mkdir(join(recording.dir, RUNS, name));
  }
  for (const name of [older, future]) {
    await Deno.copyFile(join(folder, "run.json"), join(recording.dir, RUNS, name, "run.json"));
  }
  const ids = listRuns(recording.dir).map((run) => run.id);
  assert.deepEqual(ids.slice(0, 3), [id, older, future]);
  assert.deepEqual(ids.slice(3).sort(), [...unreadable].sort());
  assert.equal(findRun(recording.dir).id, id);
  assert.equal(findRun(recording.dir, "29990101-000000").id, future);
  await Deno.remove(folder, { recursive: true });
  assert.equal(findRun(recording.dir).id, older);
  await Deno.remove(join(recording.dir, RUNS, older), { recursive: true });
  assert.equal(findRun(recording.dir).id, future);
});

Deno.test("findRun() says where nothing was recorded", async () => {
  const dir = await Deno.makeTempDir();
  assert.deepEqual(listRuns(dir), []);
  assert.throws(
    () => findRun(dir),
    new RecordError(
      `Cannot find a run: none was recorded in ${dir}/.clustertest/runs; run tests in that folder ` +
        "first, or name another one with --dir",
    ),
  );
  await Deno.remove(dir);
});

function errorOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}
