import assert from "node:assert/strict";
import { currentProcess } from "../ownership/process_identity.ts";
import { logLines, type LogOptions } from "./log_lines.ts";
import { RecordError } from "./record_error.ts";
import type { RecordedRun } from "./recorded_run.ts";
import { processName } from "./select_outputs.ts";
import { FixedClock } from "./testing/fixed_clock.ts";
import { Recording, written } from "./testing/recording.ts";

/** Lines as `node process text`. */
async function textsOf(run: RecordedRun, options?: LogOptions): Promise<string[]> {
  const lines = await Array.fromAsync(logLines(run, options));
  return lines.map(({ source, text }) => `${source.node} ${processName(source)} ${text}`);
}

Deno.test("logLines() has lines of several nodes and outputs in the order in which they came", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader", "follower");
  using time = new FixedClock();
  const leader = recording.process("abc", "leader", 1);
  const follower = recording.process("abc", "follower", 2, "sh");
  leader.take(written("one\n"));
  time.pass(20);
  follower.take(written("two\n", { output: "stderr" }));
  time.pass(20);
  leader.take(written("three\nfo"));
  time.pass(20);
  follower.take(written("five\n"));
  time.pass(20);
  leader.take(written("ur\nno end"));
  const lines = await Array.fromAsync(logLines(recording.run));
  assert.deepEqual(
    lines.map(({ source, text, time }) => [text, source.output, time - lines[0]!.time]),
    [
      ["one", "stdout", 0],
      ["two", "stderr", 20],
      ["three", "stdout", 40],
      // A line came when it began.
      ["four", "stdout", 40],
      ["five", "stdout", 60],
      ["no end", "stdout", 80],
    ],
  );
});

Deno.test("logLines() knows when lines came that follow a gap", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  using time = new FixedClock();
  const leader = recording.process("abc", "leader", 1);
  const start = Date.now();
  leader.take(written("a\n"));
  time.pass(100);
  leader.take(written("b\n", { missing: 12345 }));
  time.pass(100);
  leader.take(written("c\n"));
  const lines = await Array.fromAsync(logLines(recording.run));
  const seen = lines.filter(({ text }) => text.length === 1);
  assert.deepEqual(seen.map(({ text, time }) => [text, time - start]), [
    ["a", 0],
    ["b", 100],
    ["c", 200],
  ]);
  assert.ok(lines.some(({ text }) => text === "[clustertest: 12345 bytes are missing here]"));
});

Deno.test("logLines() chooses a node and a process, by each of its names", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  recording.process("abc", "leader", 1).take(written("first\n"));
  recording.process("abc", "leader", 2, "sh").take(written("second\n"));
  const all = ["leader 1-etcd first", "leader 2-sh second"];
  assert.deepEqual(await textsOf(recording.run, { node: "leader" }), all);
  for (const node of ["store/leader", "abc/leader", "store-abc/leader"]) {
    assert.deepEqual(await textsOf(recording.run, { node }), all);
  }
  for (const process of ["2", "sh", "2-sh"]) {
    assert.deepEqual(await textsOf(recording.run, { node: "leader", process }), [all[1]]);
  }
});

Deno.test("logLines() has all processes of a name, on a node that ran it again, and on all nodes", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader", "follower");
  using time = new FixedClock();
  const take = (node: string, number: number, command: string) => {
    recording.process("abc", node, number, command).take(written(`${number}\n`));
    time.pass(20);
  };
  take("leader", 1, "etcd");
  take("follower", 2, "etcd");
  take("leader", 3, "sh");
  take("leader", 4, "etcd");
  assert.deepEqual(await textsOf(recording.run, { node: "leader", process: "etcd" }), [
    "leader 1-etcd 1",
    "leader 4-etcd 4",
  ]);
  assert.deepEqual(await textsOf(recording.run, { process: "etcd" }), [
    "leader 1-etcd 1",
    "follower 2-etcd 2",
    "leader 4-etcd 4",
  ]);
});

Deno.test("logLines() follows a command that a node runs again", async () => {
  using recording = new Recording(currentProcess());
  await recording.nodes("abc", "leader");
  recording.process("abc", "leader", 1).take(written("before\n"));
  const lines = logLines(recording.run, { node: "leader", process: "etcd", follow: true });
  assert.equal((await lines.next()).value!.text, "before");
  recording.process("abc", "leader", 2, "sh").take(written("other\n"));
  recording.process("abc", "leader", 3).take(written("after\n"));
  assert.equal((await lines.next()).value!.text, "after");
  await lines.return();
});

Deno.test("logLines() refuses names that are unknown or ambiguous, with a list of what there is", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader", "idle");
  await recording.nodes("def", "leader");
  recording.process("abc", "leader", 1).take(written("first\n"));
  recording.process("abc", "leader", 2).take(written("second\n"));
  const places = "\n  store-abc/idle\n  store-abc/leader\n  store-def/leader";
  const cases: [LogOptions, string][] = [
    [{ node: "nobody" }, `Cannot find a node "nobody": there are:${places}`],
    [{ node: "store-zzz/leader" }, `Cannot find a node "store-zzz/leader": there are:${places}`],
    [
      { node: "leader" },
      'Cannot choose a node "leader": there is one in several clusters; name one of:' +
      "\n  store-abc/leader\n  store-def/leader",
    ],
    [
      { node: "abc/leader", process: "vi" },
      'Cannot find a process "vi" that wrote something on node "abc/leader": there are:' +
      "\n  1-etcd\n  2-etcd",
    ],
    [
      { process: "vi" },
      'Cannot find a process "vi" that wrote something: there are:\n  etcd',
    ],
    [
      { node: "idle", process: "vi" },
      'Cannot find a process "vi" that wrote something on node "idle": no process wrote anything there',
    ],
  ];
  for (const [options, message] of cases) {
    await assert.rejects(textsOf(recording.run, options), new RecordError(message));
  }
  assert.deepEqual(await textsOf(recording.run, { node: "idle" }), []);
});

Deno.test("logLines() follows a run, its new processes, and outputs whose middle is cut out", async () => {
  // This process is the run's: it goes on.
  using recording = new Recording(currentProcess());
  await recording.nodes("abc", "leader");
  const process = recording.process("abc", "leader", 1);
  process.take(written(`begin\npart`));
  const lines = logLines(recording.run, { follow: true });
  const next = async () => (await lines.next()).value!.text;
  assert.equal(await next(), "begin");
  process.take(written("ial\n"));
  assert.equal(await next(), "partial");
  recording.process("abc", "leader", 2, "sh").take(written("other\n"));
  assert.equal(await next(), "other");
  // More than its file may have: that is replaced by one without its middle.
  process.take(written(`${`${"x".repeat(99)}\n`.repeat(400)}last\n`));
  const texts: string[] = [];
  while (texts.at(-1) !== "last") texts.push(await next());
  assert.ok(texts.some((text) => text.startsWith("[clustertest: ")));
  assert.equal(texts.includes("begin"), false);
  await lines.return();
});

Deno.test("logLines() ends its wait when its signal aborts", async () => {
  using recording = new Recording(currentProcess());
  await recording.nodes("abc", "leader");
  const controller = new AbortController();
  const lines = logLines(recording.run, { follow: true, signal: controller.signal });
  const next = lines.next();
  const reason = new Error("enough");
  controller.abort(reason);
  await assert.rejects(next, reason);
});

Deno.test("logLines() passes over what is damaged in the file of times", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  recording.process("abc", "leader", 1).take(written("line\n"));
  const path = `${recording.folderOf("abc")}/output.jsonl`;
  const good = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, `{"no":\n[1,2]\n"x"\nnull\n${good}[17`);
  const [line] = await Array.fromAsync(logLines(recording.run));
  assert.equal(line?.time, JSON.parse(good)[0]);
});

Deno.test("logLines() says in one line which file of a record cannot be read", async () => {
  using recording = new Recording();
  await recording.nodes("abc", "leader");
  recording.process("abc", "leader", 1).take(written("line\n"));
  const times = `${recording.folderOf("abc")}/output.jsonl`;
  await Deno.remove(times);
  await Deno.mkdir(times);
  await assert.rejects(Array.fromAsync(logLines(recording.run)), (error: Error) => {
    assert.equal(error.name, "RecordError");
    assert.match(error.message, /^Cannot read \S+\/output\.jsonl: Is a directory.*$/);
    return true;
  });
});
