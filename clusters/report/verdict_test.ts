import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert/strict";
import type { EventDetail } from "../events/mod.ts";
import { recordInterruption } from "../record/interruption.ts";
import { FixedClock } from "../runs/testing/fixed_clock.ts";
import type { Recording } from "../runs/testing/recording.ts";
import { stateText } from "./page/state_text.ts";
import { collectReport } from "./run_report.ts";
import { command, recordTest, TEST, textOf } from "./testing/tested_recording.ts";

Deno.test("a verdict counts processes that ended in the same way, and shows others beside them", async () => {
  const many = Array.from({ length: 100 }, (_, i) => command(i + 2, { code: 1 })).flat();
  using recording = await recordTest([...command(1, { signal: "SIGTERM" }), ...many]);
  recording.test.end({ verdict: "failed", errors: ["Error: no"] });
  const [{ ended, endedMore }] = collectReport(recording.run).tests as [never];
  deepStrictEqual(
    [(ended as { count: number }[]).map(({ count }) => count), endedMore],
    [[100, 1], 0],
  );
  match(textOf(recording), /process 101 grep ready ended with code 1 .* the latest of 100 that/);
  match(textOf(recording), /process 1 grep ready ended by SIGTERM after 5\.0 ms/);
});

Deno.test("a verdict says that the kernel ran out of memory for a process, and what its node used", async () => {
  const end = { signal: "SIGKILL", code: 137, outOfMemory: true } as const;
  using recording = await recordTest(command(1, end));
  recording.test.end({ verdict: "failed", errors: ["Error: no"] });
  const folder = `${recording.folderOf("a")}/metrics`;
  Deno.mkdirSync(folder);
  const sample = [recording.run.index.started, null, 2 ** 20, 1, 1, 1, 1, 1, 1, 3, 0.5, []];
  Deno.writeTextFileSync(
    `${folder}/node1.jsonl`,
    `{"metrics":1,"scope":"container","cores":2,"memoryLimit":${2 ** 22}}\n${
      JSON.stringify(sample)
    }\n`,
  );
  match(textOf(recording), /by SIGKILL, since the kernel ran out of memory for it, after 5\.0 ms/);
  match(textOf(recording), /node1 *0\.000 s *1 MiB \(25 %\) *1 MiB \(25 %\) *4 MiB *3/);
  const limited =
    /; the memory of node1 is limited to 4 MiB; its peak, as read at 0\.000 s, was 1 MiB/g;
  deepStrictEqual([...textOf(recording).matchAll(limited)].length, 2);
});

Deno.test("a verdict names the steps in which a test failed, and no others", async () => {
  const [outer, inner] = [{ step: "step1", name: "outer" }, { step: "step3", name: "inner" }];
  const caught = { step: "step2", name: "caught" };
  using recording = await recordTest([
    { type: "step-started", ...outer },
    { type: "step-started", ...caught },
    { type: "step-ended", ...caught, elapsed: 1, error: "Error: other" },
    { type: "step-started", ...inner },
    { type: "step-ended", ...inner, elapsed: 1, error: "Error: no\nand more" },
    { type: "step-ended", ...outer, elapsed: 1, error: "Error: no\nand more" },
  ]);
  recording.test.end({ verdict: "failed", errors: ["Error: no\nand more"] });
  match(textOf(recording), /, in step outer, which began at .*, in step inner, which began at/);
  doesNotMatch(textOf(recording), /in step caught/);
});

Deno.test("a verdict says since when a node is lost, and what was measured of a fault", async () => {
  const link = { from: "node1", to: "node2", address: "10.0.0.2", quantity: "latency" } as const;
  const measurements = [{
    ...link,
    asked: 100,
    measured: 101.53333,
    accepted: [95, null],
    probes: 9,
  }];
  using recording = await recordTest([
    {
      ...{ type: "fault-injected", fault: "fault1", action: "slow node1", elapsed: 5 },
      proof: {
        ...{ checks: [], links: 1, checkedLinks: 1, elapsed: 3 },
        measurements: measurements as never,
      },
    },
    { type: "node-lost", node: "node2", reason: "its container was removed" },
  ]);
  recording.test.end({ verdict: "failed", errors: ["Error: no"] });
  const text = textOf(recording);
  match(text, /node1 to node2: latency 101\.5 ms, asked 100 ms, accepted from 95 to \?, 9 probes/);
  match(text, /node2 down lost since .* node2 was lost: its container was removed/);
  const { data } = collectReport(recording.run);
  strictEqual(data.spans.find(({ label }) => label === "lost")?.kind, "down");
});

Deno.test("a verdict of a test that was interrupted says what the guardian could not remove", async () => {
  using recording = await recordTest([{ type: "note", text: "here" }]);
  const errors = ["Cannot remove what the run has made by docker: there is no engine"];
  recordInterruption(recording.dir, { run: "run1", errors });
  match(textOf(recording), /could not be given back: Cannot remove what .*: there is no engine/);
});

Deno.test("a verdict of a test whose runner is gone says so, also before anybody has recorded that", async () => {
  const here = `${new URL(import.meta.url).pathname}:3:1`;
  const wait = { node: "node1", call: "node.waitForPort(80)", places: [here, "/gone_test.ts:7:7"] };
  using recording = await recordTest([{ type: "wait-started", ...wait }]);
  match(textOf(recording), /The process that ran the test has ended before .*: process 1, \S*deno/);
  match(textOf(recording), /Nobody has recorded when that was/);
  match(textOf(recording), /The latest that is known of it was 0\.\d+ s after the start/);
  match(
    textOf(recording),
    /latest call was made at \S+verdict_test\.ts:3:1: .* 3 import \{ \w+ \} from/,
  );
  match(
    textOf(recording),
    /wait node\.waitForPort\(80\) since .* called at \S+verdict_test\.ts:3:1/,
  );
});

Deno.test("a verdict has a wait that concerns no single node among what was under way, with its limit", async () => {
  const wait = { call: "eventually(settled)", places: ["/gone_test.ts:7:7"] };
  using recording = await recordTest([
    { type: "wait-started", ...wait, timeout: Infinity },
    { type: "wait-ended", ...wait, tries: 3, elapsed: 12 },
    { type: "wait-started", ...wait, timeout: 60_000 },
    ...command(1, { code: 1 }),
  ]);
  match(
    textOf(recording),
    /in the cluster wait eventually\(settled\) since 0\.\d+ s, for \d+\.\d ms of at most 60\.00 s called at/,
  );
  const { data } = collectReport(recording.run);
  const [ended, open] = data.spans.filter(({ kind }) => kind === "wait");
  deepStrictEqual([ended?.state, open?.state, open?.end], ["ok", "open", undefined]);
  deepStrictEqual(ended?.facts?.find(([name]) => name === "tries"), ["tries", "3"]);
  deepStrictEqual(data.lanes[open!.lane]?.node, undefined);
});

Deno.test("a verdict of a test that was interrupted says when the guardian noticed, and who knows more", async () => {
  using recording = await recordTest([{ type: "note", text: "here" }]);
  recordInterruption(recording.dir, { run: "run1" });
  const [test] = collectReport(recording.run).data.spans.filter(({ kind }) => kind === "test");
  deepStrictEqual([test!.state, test!.end, test!.facts], ["failed", undefined, [
    ["verdict", "interrupted"],
  ]]);
  const [ended, noticed] = collectReport(recording.run).data.marks.slice(-2);
  match(ended!.label, /^the process that ran the test, 1, ended after this/);
  match(noticed!.label, /^the guardian noticed that the process .* had ended$/);
  deepStrictEqual([ended!.kind, ended!.lane, noticed!.lane], ["failure", test!.lane, test!.lane]);
  match(textOf(recording), /The guardian noticed that \d+\.\d{3} s after the start of the run/);
  match(textOf(recording), /known to what has started it, .* 137 SIGKILL/);
});

Deno.test("a verdict of an essential process says where it was started, and where the test was waiting", async () => {
  const here = new URL(import.meta.url).pathname;
  const wait = { node: "node1", call: 'process.waitForOutput("ready")' };
  const error = "EssentialProcessError: Cannot go on without it";
  using recording = await recordTest([
    { type: "wait-started", ...wait, places: [`${here}:2:7`] },
    { type: "wait-ended", ...wait, tries: 1, elapsed: 3, error },
  ]);
  recording.test.end({ verdict: "failed", errors: [error], place: `${here}:1:7` });
  match(textOf(recording), /The process was started at \S+verdict_test\.ts:1:7/);
  match(
    textOf(recording),
    /The test was waiting for process\.waitForOutput\("ready"\) since .* at \S+verdict_test\.ts:2:7: 2 import type/,
  );
});

Deno.test("a verdict of a wait that failed shows its line once", async () => {
  const here = new URL(import.meta.url).pathname;
  const wait = { node: "node1", call: "node.waitForPort(80)" };
  const error = "TimeoutError: Cannot complete node.waitForPort(80)";
  using recording = await recordTest([
    { type: "wait-started", ...wait, places: [`${here}:2:7`] },
    { type: "wait-ended", ...wait, tries: 1, elapsed: 3, error },
  ]);
  recording.test.end({ verdict: "failed", errors: [error], place: `${here}:2:3` });
  doesNotMatch(textOf(recording), /The test was waiting/);
  match(textOf(recording), /run\.At \S+verdict_test\.ts:2:3/);
});

Deno.test("a verdict does not repeat a failure where events tell it again", async () => {
  const error = `Error: ${"a failure that is told ".repeat(5)}`;
  const step = { step: "step1", name: "outer" };
  using recording = await recordTest([
    { type: "step-started", ...step },
    { type: "step-ended", ...step, elapsed: 1, error },
  ]);
  recording.test.end({ verdict: "failed", errors: [error] });
  match(textOf(recording), /step "outer" failed after 1\.0 ms: as above/);
  deepStrictEqual(textOf(recording).split("Error: a failure").length, 2);
});

Deno.test("what ends when its cluster is given back was not ended by the test", async () => {
  const fault = { fault: "fault1", action: "isolate node1", elapsed: 1 };
  const [started, ended] = command(1, { code: null, signal: null });
  using recording = await recordTest([{ type: "fault-injected", ...fault }, started!]);
  const events = [
    { type: "test-ended", test: TEST, verdict: "failed", elapsed: 5, error: "Error: no" },
    { type: "fault-healed", ...fault },
    ended!,
    { type: "cluster-disposed", errors: [] },
  ] as const;
  for (const event of events) recording.emit("a", event);
  const { spans } = collectReport(recording.run).data;
  const ends = spans.filter(({ kind }) => kind === "fault" || kind === "process");
  deepStrictEqual(ends.map(stateText), Array(2).fill("given back with the cluster"));
  const [, process] = ends;
  deepStrictEqual(process!.facts?.find(([name]) => name === "ended"), undefined);
});

Deno.test("a verdict says what its cluster was made with, and a node's details do", async () => {
  const backend = {
    ...{ name: "composed", options: {} },
    members: {
      box: { name: "docker", options: { image: "<etcd>", memory: "1g" } },
      here: { name: "local", options: {} },
    },
  };
  using recording = await recordTest([
    { type: "fault-injected", fault: "fault1", action: "shape node1", elapsed: 5, seed: 7 },
  ]);
  recording.test.end({ verdict: "failed", errors: ["Error: no"] });
  changeCluster(recording, (cluster) => ({
    ...cluster,
    backend,
    nodes: Array.from({ length: 30 }, (_, i) => ({
      ...{ name: `node${i + 1}`, id: `${i}`, address: "10.0.0.1", member: "box" },
      ...i > 0 && { options: { cpus: i > 9 ? i : 0.5, env: ["LANG"] } },
    })),
  }));
  const text = textOf(recording);
  match(
    text,
    /What it ran on box: docker image: &#60;etcd&#62; memory: 1g here: local without options node2/,
  );
  match(
    text,
    /node2, node3, (node\d, ){5}node9 and 1 more cpus: 0\.5 env: \["LANG"\] node11 cpus: 10/,
  );
  match(text, / 1 more See run\.json .*seed 7 repeats the chance of: shape node1/);
  const { lanes } = collectReport(recording.run).data;
  const facts = Object.fromEntries(lanes.find(({ node }) => node === "node2")!.facts);
  deepStrictEqual(facts, {
    ...{ node: "node2", backend: "docker, as box", id: "1", address: "10.0.0.1" },
    "its options": 'cpus: 0.5\nenv: ["LANG"]',
    "options of the backend": "image: <etcd>\nmemory: 1g",
  });
});

Deno.test("a verdict is readable where what a cluster was made with is not", async () => {
  using recording = await recordTest([]);
  recording.test.end({ verdict: "failed", errors: ["Error: no"] });
  for (const odd of [7, null, "x", { box: 3 }]) {
    changeCluster(recording, (cluster) => ({
      ...cluster,
      ...{ backend: { name: "own", options: odd, members: odd }, seeds: odd },
      nodes: [{ name: "node1", id: 1, address: null, options: odd, member: odd }],
    }));
    match(textOf(recording), /What it ran on/);
  }
});

Deno.test("a verdict says which faults were in force, also if they ended with what has failed", async () => {
  const fault = { fault: "fault1", action: "partition <a> from b", elapsed: 0 };
  const [started, ended] = command(7, { code: 1 });
  const places = ["/tests/store_test.ts:3:1"];
  using clock = new FixedClock();
  using recording = await recordTest([]);
  const emit = (...events: EventDetail[]) => {
    for (const event of events) {
      recording.emit("a", event);
      clock.pass(1000);
    }
  };
  const healed = { ...fault, fault: "fault0", action: "isolate c" };
  emit({ type: "fault-injected", ...healed }, { type: "fault-healed", ...healed });
  emit({ type: "fault-injected", ...fault }, { ...started!, places } as EventDetail, ended!);
  emit({ type: "node-down", node: "node2" }, { type: "fault-healed", ...fault });
  emit({ type: "test-ended", test: TEST, verdict: "failed", elapsed: 7000, error: "Error: no" });
  recording.test.end({ verdict: "failed", errors: ["Error: no"] });
  const text = textOf(recording);
  const said =
    "partition &#60;a&#62; from b was in force from 2.000 s on, until the test ended it at " +
    "6.000 s; node2 was down from 5.000 s on. ";
  strictEqual(text.includes(said), true, text);
  match(
    text,
    /in the cluster fault partition .* since 2\.000 s, in force from 2\.000 s on until 6\.000 s/,
  );
  doesNotMatch(text, /isolate c was in force/);
});

Deno.test("a verdict of many nodes shows some, those first that are more than busy, and counts the others", async () => {
  const nodes = Array.from({ length: 60 }, (_, i) => `node${i + 1}`);
  const started = nodes.map((node, i): EventDetail => ({
    ...{ type: "command-started", node, process: `process${i + 1}`, command: ["serve"], pid: 1 },
  }));
  using recording = await recordTest([...started, { type: "node-down", node: "node58" }]);
  recording.emit("a", { type: "step-started", step: "step1", name: "wait for all" });
  recording.test.end({ verdict: "failed", errors: ["Error: no"] });
  const [test] = collectReport(recording.run).tests;
  const shown = test!.ongoing.map(({ node }) => node);
  deepStrictEqual(shown.slice(0, 4), ["", "node58", "node1", "node2"]);
  strictEqual(shown.length, 50);
  match(textOf(recording), / and on 11 more nodes: see the time line /);
});

Deno.test("a verdict says of which nodes there are no artifacts, and why", async () => {
  using recording = await recordTest([]);
  const none = { files: 0, bytes: 0, elapsed: 1, folder: "" };
  const emit = (event: EventDetail) => recording.emit("a", event);
  emit({ type: "test-ended", test: TEST, verdict: "failed", elapsed: 5, error: "Error: no" });
  emit({ type: "artifacts-collected", node: "node1", ...none, errors: ["*.log: <it> was lost"] });
  emit({ type: "artifacts-collected", node: "node2", ...none, files: 2, errors: ["b.log: no"] });
  emit({ type: "artifacts-collected", node: "node3", ...none, files: 2, errors: [] });
  recording.test.end({ verdict: "failed", errors: ["Error: no"] });
  const text = textOf(recording);
  match(text, /It has no artifacts of node1: \*\.log: &#60;it&#62; was lost/);
  match(text, /It has not all artifacts of node2: b\.log: no/);
  doesNotMatch(text, /of node3/);
});

/** Changes what the index says of the cluster. */
function changeCluster(
  { run: { folder, index } }: Recording,
  change: (cluster: object) => object,
): void {
  const changed = { ...index, clusters: index.clusters.map(change) };
  Deno.writeTextFileSync(`${folder}/run.json`, JSON.stringify(changed));
}
