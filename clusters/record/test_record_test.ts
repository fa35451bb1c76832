import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunIdentity } from "../kit/mod.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { recordInterruption } from "./interruption.ts";
import { hasFailed, readIndex, type RunIndex, type TestEnd } from "./run_index.ts";
import { type RecordsFolder, recordsFolder } from "./testing/records_folder.ts";
import { TestRecord, type TestRecordOptions } from "./test_record.ts";

const RUN: RunIdentity = { id: "run1", owner: currentProcess() };

/** What is needed to record a test named "it works", whose record has no trouble. */
function recordIn(dir: string, options: Partial<TestRecordOptions> = {}): TestRecord {
  return new TestRecord({ run: RUN, name: "it works", dir, onTrouble: assert.fail, ...options });
}

async function indexOf(folder: RecordsFolder): Promise<RunIndex> {
  const [run = ""] = await folder.runs();
  return readIndex(run)!;
}

Deno.test("TestRecord tells the name of a test before it ends, and then its verdict", async () => {
  await using folder = await recordsFolder();
  const record = recordIn(folder.dir, { file: "/tests/store_test.ts" });
  assert.equal(record.folder, (await folder.runs())[0]);
  record.hasCluster("abc");
  const [begun] = (await indexOf(folder)).tests!;
  assert.deepEqual([begun?.name, begun?.file, begun?.run, begun?.cluster, begun?.end], [
    ...["it works", "/tests/store_test.ts", "run1", "abc"],
    undefined,
  ]);
  record.end({ verdict: "failed", errors: ["Error: first"] });
  const artifacts = "store-abc/artifacts";
  record.end({ verdict: "failed", errors: ["Error: first", "Error: second"], artifacts });
  const [ended, ...others] = (await indexOf(folder)).tests!;
  assert.deepEqual(ended?.end?.errors, ["Error: first", "Error: second"]);
  assert.equal(ended?.end?.artifacts, artifacts);
  assert.deepEqual(others, []);
});

const verdicts: readonly (readonly [TestEnd["verdict"], boolean])[] = [
  ["passed", false],
  ["skipped", false],
  ["failed", true],
  ["interrupted", true],
];

for (const [verdict, failed] of verdicts) {
  Deno.test(`a run with a test that was ${verdict} has ${failed ? "" : "not "}failed`, async () => {
    await using folder = await recordsFolder();
    recordIn(folder.dir).end({ verdict: "passed", errors: [] });
    recordIn(folder.dir).end({ verdict, errors: [] });
    assert.equal(hasFailed(await indexOf(folder)), failed);
  });
}

Deno.test("a test that has not ended was interrupted when its runner is gone, and others not", async () => {
  await using folder = await recordsFolder();
  recordIn(folder.dir, { name: "open" });
  recordIn(folder.dir, { name: "ended" }).end({ verdict: "passed", errors: [] });
  recordIn(folder.dir, { name: "other", run: { ...RUN, id: "run2" } });
  assert.equal(hasFailed(await indexOf(folder)), false);
  recordInterruption(folder.dir, { run: "run1" });
  const index = await indexOf(folder);
  assert.deepEqual(index.tests!.map(({ name, end }) => [name, end?.verdict]), [
    ["open", "interrupted"],
    ["ended", "passed"],
    ["other", undefined],
  ]);
  assert.equal(hasFailed(index), true);
});

Deno.test("TestRecord keeps the index small, whatever a test is called and fails with", async () => {
  await using folder = await recordsFolder();
  recordIn(folder.dir, { name: "x".repeat(100_000) })
    .end({ verdict: "failed", errors: ["y".repeat(100_000)] });
  assert.ok((await Deno.stat(join((await folder.runs())[0]!, "run.json"))).size < 30_000);
});

Deno.test("TestRecord says once that a test cannot be recorded, and harms nothing", async () => {
  await using folder = await recordsFolder();
  const file = join(folder.dir, "file");
  await Deno.writeTextFile(file, "");
  const troubles: string[] = [];
  const record = recordIn(file, { onTrouble: (message) => troubles.push(message) });
  record.hasCluster("abc");
  record.end({ verdict: "passed", errors: [] });
  assert.equal(record.folder, undefined);
  assert.equal(troubles.length, 1);
  assert.match(troubles[0]!, /^Cannot record the test: /);
});
