import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { GONE, Recording, written } from "../runs/testing/recording.ts";
import { TestRecord } from "../record/test_record.ts";
import { junitReport } from "./junit_report.ts";
import { perfettoTrace } from "./perfetto_trace.ts";
import { collectReport } from "./run_report.ts";
import { COMMAND, FailedRun } from "./testing/failed_run.ts";
import { writeReport } from "./write_report.ts";

Deno.test("collectReport() puts what happened on one time line", async () => {
  using run = new FailedRun();
  await run.record();
  const { data } = collectReport(run.recording.run);
  deepStrictEqual(data.lanes.map(({ node }) => node), [undefined, "node1", "node2", "node3"]);
  const spans = data.spans.map((
    { kind, lane, start, end, state },
  ) => [kind, lane, start, end, state]);
  deepStrictEqual(spans, [
    ["test", 0, 0, 5000, "failed"],
    ["step", 0, 0, 1000, "ok"],
    ["process", 1, 1000, 6000, "asked"],
    ["fault", 0, 1900, 6000, "ok"],
    ["process", 2, 4000, 4000, "failed"],
    ["down", 3, 4000, 6000, "asked"],
  ]);
  deepStrictEqual(data.spans[3]!.concerns, [1, 2]);
  ok(data.marks.some(({ kind, time }) => kind === "note" && time === 1000));
  deepStrictEqual(data.series, [
    { name: "latency", unit: "ms", lane: 2, times: [0, 1000], values: [3, 5] },
  ]);
  deepStrictEqual(data.outputs.map(({ stream, times }) => [stream, times]), [
    ["stdout", [1500, 0]],
    ["stderr", [4000]],
  ]);
});

Deno.test("collectReport() tells what was under way when a test failed", async () => {
  using run = new FailedRun();
  await run.record();
  const [test] = collectReport(run.recording.run).tests;
  strictEqual(test!.moment, 5000);
  const ongoing = test!.ongoing.map((
    { node, things },
  ) => [node, things.map(({ span }) => span.kind)]);
  deepStrictEqual(ongoing, [["", ["fault"]], ["node1", ["process"]], ["node3", ["down"]]]);
  strictEqual(test!.ongoing[1]!.things[0]!.lines.at(-1)?.text, "lost the leader");
  deepStrictEqual(test!.ended.map(({ span }) => span.process), [8]);
});

Deno.test("collectReport() says of a test that was interrupted why it has no end", async () => {
  using recording = new Recording();
  await recording.nodes("a", "node1");
  recording.test("goes on", { verdict: "interrupted", errors: [] });
  const { tests } = collectReport(recording.run);
  const test = tests.find(({ name }) => name === "goes on");
  match(test!.failures[0]!.text, /^The process that ran the test has ended before the test did/);
});

Deno.test("collectReport() reads what was cut, damaged, or is of another version", async () => {
  using recording = new Recording();
  await recording.nodes("a", "node1");
  const events = join(recording.folderOf("a"), "events.jsonl");
  const lines = [
    { type: "of-tomorrow", time: 5, cluster: "a", node: "node1" },
    { type: "command-started", time: Date.now(), cluster: "a", node: "node1" },
    { type: "command-ended", time: Date.now(), cluster: "a", node: "node1", process: "process1" },
    { type: "fault-injected", time: Date.now(), cluster: "a", fault: 3, elapsed: "x", proof: {} },
    { type: "fault-healed", time: -1, cluster: "a", fault: 3, proof: { checks: 7 } },
    { type: "node-ready", time: Date.now(), cluster: "a", node: { toString: 1 } },
    { type: "content-moved", time: Date.now(), cluster: "a", node: "node1" },
    { type: "wait-ended", time: Date.now(), cluster: "a", node: "node9", call: 1 },
    { type: "tunnel-closed", time: Date.now(), cluster: "a", node: "node1", error: 7 },
    { type: "wait-started", time: Date.now(), cluster: "a", node: "node1", places: [7, null] },
    { type: "step-started", time: Date.now(), cluster: "a", step: 1, name: 1, places: 7 },
    { type: "step-ended", time: Date.now(), cluster: "a", step: 1, name: 1, error: 7 },
  ].map((event) => JSON.stringify(event));
  await Deno.writeTextFile(events, `${lines.join("\n")}\n{"type":"command-st`, { append: true });
  recording.test("damaged", { verdict: "failed", errors: ["Error"] });
  recording.test("cut", { verdict: "interrupted", errors: [] });
  const index = join(recording.run.folder, "run.json");
  const text = await Deno.readTextFile(index);
  const damaged = text.replace('"errors": [\n          "Error"\n', '"errors": [7, null\n')
    .replaceAll(/"started": \d+,\n( +)"end"/g, '"started": 0, "cluster": "a", "end"')
    .replace(/"settings": \{[^}]*\}/, '"settings": null');
  for (const part of ['"errors": [7, null', '"cluster": "a", "end"', '"settings": null']) {
    ok(damaged.includes(part), part);
  }
  await Deno.writeTextFile(index, damaged);
  const { data } = collectReport(recording.run);
  ok(data.marks.some(({ label }) => /of-tomorrow/.test(label)));
  match(data.omitted.join(), /1 lines of the record could not be read/);
  match(await Deno.readTextFile(await writeReport(recording.run.folder)), /interrupted/);
});

Deno.test("collectReport() has what nodes used, and reads no file of another name", async () => {
  using recording = new Recording();
  await recording.nodes("a", "node1");
  const { folder } = recording.run;
  const metrics = join(recording.folderOf("a"), "metrics");
  const sample = JSON.stringify([Date.now(), null, 4096, 1, 1, 1, 1, 1, 1, 3, 0.5, []]);
  await Deno.mkdir(metrics, { recursive: true });
  await Deno.writeTextFile(join(metrics, "node1.jsonl"), `${sample}\n`);
  await Deno.writeTextFile(join(folder, "other.jsonl"), `${sample}\n`);
  recording.emit("a", { type: "node-up", node: "../../other" });
  const { data } = collectReport(recording.run);
  deepStrictEqual(data.series.map(({ name, lane, values }) => [name, lane, values]), [
    ...[["memory", 1, [4096]], ["open files", 1, [3]], ["load of the machine", 1, [0.5]]],
  ]);
});

Deno.test("collectReport() says what of too much output is missing", async () => {
  using recording = new Recording();
  const output = recording.process("a", "node1", 1);
  output.take(written("line\n".repeat(200)));
  const { data } = collectReport(recording.run, { maxOutputs: 1_000 });
  match(data.omitted.join(), /^17\d lines of outputs are not in this page/);
  const [{ text, file }] = data.outputs as [typeof data.outputs[0]];
  match(text, /^line\n.*\[clustertest: 17\d lines are not in this report\]\n.*line\n$/s);
  strictEqual((await Deno.stat(join(recording.run.folder, file))).size, 1_000);
});

Deno.test("perfettoTrace() is a trace of asynchronous spans that begin and end", async () => {
  using run = new FailedRun();
  await run.record();
  const trace = [...perfettoTrace(collectReport(run.recording.run).data)].join("");
  const { traceEvents }: { traceEvents: Record<string, unknown>[] } = JSON.parse(trace);
  const begun = traceEvents.filter(({ ph }) => ph === "b").map(({ id }) => id);
  deepStrictEqual(traceEvents.filter(({ ph }) => ph === "e").map(({ id }) => id), begun);
  ok(traceEvents.some(({ name, ts }) => name === COMMAND.join(" ") && ts === 1_000_000));
  const counters = traceEvents.filter(({ ph }) => ph === "C");
  deepStrictEqual(counters.map(({ name, pid, ts, args }) => [name, pid, ts, args]), [
    ["latency (ms)", 3, 0, { value: 3 }],
    ["latency (ms)", 3, 1_000_000, { value: 5 }],
  ]);
});

Deno.test("perfettoTrace() has what the format asks of each event, whatever a test is called", async () => {
  using run = new FailedRun();
  await run.record();
  const trace = [...perfettoTrace(collectReport(run.recording.run).data)].join("");
  const { traceEvents }: { traceEvents: Record<string, unknown>[] } = JSON.parse(trace);
  const kinds = new Set(traceEvents.map(({ ph }) => ph));
  deepStrictEqual(kinds, new Set(["M", "b", "e", "i", "C"]));
  const begun = new Map<unknown, Record<string, unknown>>();
  for (const event of traceEvents) {
    const { ph, pid, ts, name, cat, id, args, s } = event;
    const text = JSON.stringify(event);
    ok(Number.isInteger(pid) && typeof name === "string", text);
    ok(ph === "M" || typeof ts === "number" && ts >= 0, text);
    if (ph === "C") ok(typeof (args as { value: unknown }).value === "number", text);
    if (ph === "i") ok(["g", "p", "t"].includes(s as string), text);
    if (ph === "b") begun.set(id, event);
    if (ph !== "e") continue;
    const beginning = begun.get(id)!;
    deepStrictEqual([name, cat, pid], [beginning.name, beginning.cat, beginning.pid]);
    ok((ts as number) >= (beginning.ts as number), text);
  }
});

Deno.test("junitReport() has verdicts, and no character that XML cannot have", async () => {
  using run = new FailedRun();
  await run.record();
  const { recording } = run;
  const options = { run: { id: "run1", owner: GONE }, dir: recording.dir, onTrouble: () => {} };
  new TestRecord({ ...options, name: "\x00\ud800 fine" }).end({ verdict: "passed", errors: [] });
  const file = join(recording.run.index.cwd, "tests/a_test.ts");
  new TestRecord({ ...options, name: "\x1b[31mleft\x1b[0m out", file }).end({
    verdict: "skipped",
    errors: [],
  });
  const xml = junitReport(collectReport(recording.run));
  match(xml, /<testsuites name="clustertest" tests="3" failures="1" errors="0" skipped="1"/);
  match(xml, /<testcase name="\ufffd\ufffd fine" classname="no cluster" time="0\.000"\/>/);
  const known = 'name="left out" classname="tests/a_test.ts" file="tests/a_test.ts" time="0.000"';
  ok(xml.includes(`<testcase ${known}><skipped/>`), xml);
  match(xml, / classname="\/tests\/store_test\.ts" file="\/tests\/store_test\.ts" /);
  match(xml, /<failure message="AssertionError: not &#60;\/script&#62;/);
  ok(!/<(script|img|style)/.test(xml));
});

Deno.test("writeReport() replaces a report at once, whoever writes it at the same time", async () => {
  using run = new FailedRun();
  const folder = await run.record();
  const paths = await Promise.all(Array.from({ length: 4 }, () => writeReport(folder)));
  deepStrictEqual(new Set(paths), new Set([join(folder, "report.html")]));
  match(await Deno.readTextFile(paths[0]!), /^<!doctype html>.*<\/html>\n$/s);
  deepStrictEqual([...Deno.readDirSync(folder)].filter(({ name }) => /next/.test(name)), []);
});
