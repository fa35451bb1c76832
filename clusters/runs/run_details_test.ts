import assert from "node:assert/strict";
import { join } from "node:path";
import type { EventDetail } from "../events/mod.ts";
import { currentProcess } from "../ownership/process_identity.ts";
import { runDetails } from "./run_details.ts";
import { runState } from "./run_state.ts";
import { runSummary } from "./run_summary.ts";
import { testList } from "./test_lines.ts";
import { Recording, written } from "./testing/recording.ts";

const COMMAND = { node: "leader", process: "process1", command: ["etcd", "--name", "leader"] };

/** The details without those of the run as a whole, and without times. */
function detailsOf(recording: Recording): string[] {
  const lines = [...runDetails(recording.run)];
  return lines.slice(lines.indexOf("") + 1).map((line) =>
    line.replace(/\d\d:\d\d:\d\d\.\d{3}/, "T")
  );
}

Deno.test("runDetails() shows what failed, and what was written last", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  recording.emit("abc", { type: "command-started", ...COMMAND, pid: 1 });
  const lines = Array.from({ length: 9 }, (_, i) => `line ${i}\n`).join("");
  const end = { code: 2, signal: null, elapsed: 3, stdout: "not this", stderr: lines };
  recording.emit("abc", { type: "command-ended", ...COMMAND, ...end });
  recording.emit("abc", { type: "node-lost", node: "leader", reason: "it\nis\x1b[2J gone" });
  recording.emit("abc", { type: "cluster-disposed", errors: ["a folder is busy"] });
  assert.deepEqual(detailsOf(recording), [
    "store-abc on local, 1 node: disposed",
    "  T leader ended etcd --name leader with 2 after 3.0 ms",
    "    line 4",
    "    line 5",
    "    line 6",
    "    line 7",
    "    line 8",
    "  T leader was lost: it",
    "    is\\x1b[2J gone",
    "  T not all of it could be given back: a folder is busy",
    "  could not be given back: a folder is busy",
  ]);
  assert.match(runSummary(recording.run), / failed +\d+\.\d s {2}1 cluster, 1 node /);
});

Deno.test("runDetails() shows what ran when a cluster was interrupted, and its last events", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  recording.emit("abc", { type: "command-started", ...COMMAND, pid: 1 });
  recording.process("abc", "leader", 1).take(written("ready\nto serve\n"));
  const shown = [
    "store-abc on local, 1 node: interrupted",
    "  its last events:",
    "    T leader is ready at 127.0.0.1",
    "    T leader runs etcd --name leader",
    "  leader still ran etcd --name leader (process1)",
    "    ready",
    "    to serve",
  ];
  assert.deepEqual(detailsOf(recording), shown);
  // A kill has cut the last line, and something has damaged another one.
  const path = join(recording.folderOf("abc"), "events.jsonl");
  await Deno.writeTextFile(path, 'nonsense\n{"type": "command-end', { append: true });
  assert.deepEqual(detailsOf(recording).slice(1), [
    "  2 lines of its events: unreadable",
    ...shown.slice(1),
  ]);
});

Deno.test("runDetails() shows what the test did to nodes, and nothing that ended with the cluster", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  const emit = (event: EventDetail) => recording.emit("abc", event);
  const gaveUp = "AbortError: The operation was aborted";
  const close = (error: string) =>
    emit({ type: "tunnel-closed", node: "leader", tunnel: "tunnel1", error });
  const killed = { code: null, signal: "SIGKILL", elapsed: 3, stdout: "", stderr: "" } as const;
  emit({ type: "test-started", test: "t" });
  emit({ type: "node-down", node: "leader" });
  emit({ type: "node-killed", node: "leader", elapsed: 2 });
  emit({ type: "node-started", node: "leader", elapsed: 2 });
  for (let i = 0; i < 30; i++) close(gaveUp);
  close("ConnectionReset: it was reset");
  const error = `it exited with code 2\n\nUsage:\n${"  --flag\n".repeat(9)}`;
  emit({ type: "wait-ended", node: "leader", call: "call", tries: 1, elapsed: 1, error });
  emit({ type: "test-ended", test: "t", verdict: "failed", elapsed: 5, error: "Error: no" });
  emit({ type: "command-ended", ...COMMAND, ...killed });
  close("ConnectionReset: it was reset");
  emit({ type: "node-stopped", node: "leader", how: "destroyed" });
  emit({ type: "warning", message: "mind the gap" });
  assert.deepEqual(detailsOf(recording).slice(0, 14), [
    "store-abc on local, 1 node: interrupted",
    "  T leader is down: the test kills it",
    "  T leader was killed after 2.0 ms",
    "  T leader was started after 2.0 ms",
    "  T leader closed tunnel1: ConnectionReset: it was reset",
    "  T leader was waited for 1.0 ms, 1 try: call, and failed: it exited with code 2",
    "    Usage:",
    ...Array.from({ length: 4 }, () => "      --flag"),
    "    and 5 lines more",
    '  T test "t" failed after 5.0 ms: Error: no',
    "  T mind the gap",
  ]);
});

Deno.test("runDetails() tells the error of a test once, and names it where it comes again", () => {
  using recording = new Recording();
  const [late, other] = ['TimeoutError: Cannot wait\n  | "ready"', `Error: ${"no".repeat(90)}`];
  recording.test("first", { verdict: "failed", errors: [late, other] });
  const emit = (event: EventDetail) => recording.emit("abc", event);
  const failed = { type: "step-ended", step: "step1", name: "starts", elapsed: 1 } as const;
  const wait = { type: "wait-ended", call: "call()", tries: 1, elapsed: 1 } as const;
  emit({ ...wait, error: late });
  emit({ ...failed, error: late });
  emit({ ...failed, error: `${late}x` });
  const ended = { type: "test-ended", test: "first", verdict: "failed", elapsed: 5 } as const;
  emit({ ...ended, error: `${late}\n${other}` });
  const all = detailsOf(recording).map((line) => line.trim().replace(/^T /, ""));
  const lines = all.slice(0, all.indexOf("its last events:"));
  assert.deepEqual(lines.filter((line) => /TimeoutError|"ready"|nono/.test(line)), [
    "TimeoutError: Cannot wait",
    '| "ready"',
    other,
    "waited 1.0 ms, 1 try: call(), and failed: TimeoutError, as above",
    'step "starts" failed after 1.0 ms: TimeoutError, as above',
    'step "starts" failed after 1.0 ms: TimeoutError: Cannot wait',
    '| "ready"x',
    'test "first" failed after 5.0 ms: TimeoutError, as above',
  ]);
});

Deno.test("runDetails() tells which line of a test has failed", () => {
  using recording = new Recording();
  const place = "/tests/store_test.ts:70:5";
  recording.test("first", { verdict: "failed", errors: ["Error: no"], place });
  assert.match(
    detailsOf(recording)[0]!,
    /^test "first": failed .* \(\/tests\/store_test\.ts:70:5\)$/,
  );
});

Deno.test("runDetails() shows why tests failed, and testList() those first that did", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  recording.emit("abc", { type: "cluster-disposed", errors: [] });
  recording.test("first", { verdict: "passed", errors: [] });
  const error = ["AssertionError: 1 is not 2", "    at file"].join("\n");
  recording.test("second", { verdict: "failed", errors: [error, "y\n".repeat(50)] });
  const shown = detailsOf(recording).map((line) => line.replace(/\d+\.\d s/, "N s"));
  assert.deepEqual(shown.slice(0, 6), [
    'test "first": passed after N s (/tests/store_test.ts)',
    "",
    'test "second": failed after N s (/tests/store_test.ts)',
    "  AssertionError: 1 is not 2",
    "      at file",
    "  y",
  ]);
  assert.equal(shown[5 + 20], "  and 31 lines more");
  assert.equal(shown.at(-1), "store-abc on local, 1 node: disposed");
  assert.equal(runState(recording.run.index), "failed");
  for (let i = 0; i < 20; i++) recording.test(`t${i}`, { verdict: "passed", errors: [] });
  const list = testList(recording.run.index).map((line) => line.replace(/\d+\.\d s/, "N s"));
  assert.equal(list[0], '  test "second": failed after N s');
  assert.equal(list[1], '  test "first": passed after N s');
  assert.deepEqual(list.slice(10), ["  and 12 tests more"]);
});

Deno.test("a run has passed when a test of it did, and none failed", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  recording.emit("abc", { type: "cluster-disposed", errors: [] });
  assert.equal(runState(recording.run.index), "ended");
  recording.test("first", { verdict: "passed", errors: [] });
  recording.test("second", { verdict: "skipped", errors: [] });
  assert.equal(runState(recording.run.index), "passed");
});

Deno.test("runDetails() tells what it can of events that it does not know", async () => {
  using recording = new Recording(currentProcess());
  await recording.nodes("abc", "leader");
  const path = join(recording.folderOf("abc"), "events.jsonl");
  const later = [{ type: "solar-flare" }, { type: "nodes-failed" }, { type: "command-ended" }];
  const lines = later.map((event) => `${JSON.stringify({ time: 0, ...event })}\n`).join("");
  await Deno.writeTextFile(path, lines, { append: true });
  const unknown = "(this version of clustertest cannot tell more)";
  assert.deepEqual(detailsOf(recording), [
    "store-abc on local, 1 node: running",
    `  T nodes-failed ${unknown}`,
    `  T command-ended ${unknown}`,
    "  its last events:",
    "    T leader is ready at 127.0.0.1",
    `    T solar-flare ${unknown}`,
    `    T nodes-failed ${unknown}`,
    `    T command-ended ${unknown}`,
  ]);
});

Deno.test("runDetails() shows the latest of many failures, and how many there were", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  for (let i = 0; i < 30; i++) recording.emit("abc", { type: "warning", message: `warning ${i}` });
  recording.emit("abc", { type: "cluster-disposed", errors: [] });
  const lines = detailsOf(recording);
  assert.deepEqual(lines.slice(0, 3), [
    "store-abc on local, 1 node: disposed",
    "  10 failures before these",
    "  T warning 10",
  ]);
  assert.equal(lines.at(-1), "  T warning 29");
});
