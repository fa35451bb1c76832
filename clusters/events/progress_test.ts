import assert from "node:assert/strict";
import { runTool } from "../../agent/build/run_tool.ts";
import { EventStream } from "./event_stream.ts";
import type { ClusterEvent, EventDetail, WorkEvent } from "./events.ts";
import { showProgress } from "./progress.ts";
import { requirement } from "../requirement.ts";

/** Keeps what is shown. */
class Screen {
  text = "";
  readonly #isTerminal: boolean;

  constructor({ isTerminal }: { isTerminal: boolean }) {
    this.#isTerminal = isTerminal;
  }

  isTerminal(): boolean {
    return this.#isTerminal;
  }

  writeSync(bytes: Uint8Array): number {
    this.text += new TextDecoder().decode(bytes);
    return bytes.length;
  }

  get lines(): string[] {
    return this.text.split("\n").slice(0, -1);
  }
}

/** A line of those who want to hear everything, without the time that it begins with. */
function withoutTime(line: string): string {
  return line.replace(/^\d\d:\d\d:\d\d\.\d{3} /, "");
}

const sending: WorkEvent = {
  work: "transfer1",
  kind: "transfer",
  label: "sending data",
  elapsed: 0,
};
const building: WorkEvent = {
  work: "build1",
  kind: "build",
  label: "building the agent",
  elapsed: 0,
};

Deno.test("showProgress() prints a line for each step where there is no terminal", () => {
  const events = new EventStream("abc");
  const output = new Screen({ isTerminal: false });
  using _progress = showProgress(events, { name: "cluster", progress: true, output });
  events.emit({ type: "work-started", ...building });
  events.emit({ type: "work-progress", ...building, label: "bundling the agent" });
  for (const done of [1, 2, 3]) {
    const step = { label: "fetching Deno", done, total: 3, unit: "bytes" } as const;
    events.emit({ type: "work-progress", ...building, ...step });
  }
  events.emit({ type: "work-ended", ...building });
  const end = output.lines.pop();
  assert.deepEqual(output.lines, [
    "building the agent …",
    "bundling the agent …",
    "fetching Deno …",
    end,
  ]);
  assert.match(end!, /^building the agent \(\d+\.\d s\)$/);
});

Deno.test("showProgress() says why work failed", () => {
  const events = new EventStream("abc");
  const output = new Screen({ isTerminal: false });
  using _progress = showProgress(events, { name: "cluster", progress: true, output });
  events.emit({ type: "work-started", ...sending });
  events.emit({ type: "work-ended", ...sending, error: "Error: the disk is full" });
  assert.match(output.text, /\nsending data failed: Error: the disk is full \(\d+\.\d s\)\n$/);
});

Deno.test("showProgress() changes a text, and leaves one line, on a terminal", () => {
  const events = new EventStream("abc");
  const output = new Screen({ isTerminal: true });
  using _progress = showProgress(events, { name: "cluster", progress: true, output });
  events.emit({ type: "work-started", ...sending, done: 0, total: 2 ** 26, unit: "bytes" });
  assert.match(output.text, /sending data … 0 % \(0 MiB\)/);
  assert.deepEqual(output.lines, []);
  events.emit({ type: "work-ended", ...sending });
  // The text is erased before the line is written.
  const [, end] = output.text.split("\x1b8\x1b[K");
  assert.match(end!, /^sending data \(\d+\.\d s\)\n$/);
});

Deno.test("showProgress() erases its text when it is disposed", () => {
  const events = new EventStream("abc");
  const output = new Screen({ isTerminal: true });
  showProgress(events, { name: "cluster", progress: true, output })[Symbol.dispose]();
  assert.equal(output.text, "");
  const progress = showProgress(events, { name: "cluster", progress: true, output });
  events.emit({ type: "work-started", ...sending });
  progress[Symbol.dispose]();
  assert.ok(output.text.endsWith("\x1b[K"));
});

Deno.test("showProgress() shows warnings, and nothing else that takes no time", () => {
  const events = new EventStream("abc");
  const output = new Screen({ isTerminal: false });
  using _progress = showProgress(events, { name: "store", progress: true, output });
  events.emit({ type: "nodes-requested", names: ["node1"] });
  events.emit({ type: "warning", message: "the clock is off" });
  assert.deepEqual(output.lines, ["store: the clock is off"]);
});

Deno.test("showProgress() shows the end of an essential process, with what it said last", () => {
  const events = new EventStream("abc");
  const output = new Screen({ isTerminal: false });
  using _progress = showProgress(events, { name: "store", progress: true, output });
  const command = { node: "a", process: "process1", command: ["etcd", "--name\n", "a"] };
  const end = { code: 1, signal: null, elapsed: 25.04, stdout: "starting\n", stderr: "" };
  events.emit({ type: "command-ended", ...command, ...end });
  events.emit({ type: "essential-process-ended", ...command, ...end });
  const stderr = `${"x".repeat(300)}\n\n`;
  events.emit({ type: "essential-process-ended", ...command, ...end, code: null, stderr });
  const start = "store: a lost its essential process etcd --name a, which fails the test: it ended";
  const usage = "bad flag: -x\n\nUsage: etcd [flags]\n  See also: etcd(1)\n";
  events.emit({ type: "essential-process-ended", ...command, ...end, stderr: usage });
  const two = "etcd 3.5\nno room\n";
  events.emit({ type: "essential-process-ended", ...command, ...end, stderr: two });
  assert.deepEqual(output.lines, [
    `${start} with 1 after 25.0 ms: starting`,
    `${start} with unknown status after 25.0 ms: ${"x".repeat(200)}…`,
    `${start} with 1 after 25.0 ms: bad flag: -x … See also: etcd(1)`,
    `${start} with 1 after 25.0 ms: etcd 3.5 / no room`,
  ]);
});

/** What happens all the time, and what is said of it to those who want to hear everything. */
const SMALL_EVENTS: readonly (readonly [EventDetail, string])[] = [
  [
    { type: "content-moved", node: "a", member: "writeFile", path: "x", bytes: 5, elapsed: 0.25 },
    "store: a moved 5 bytes in 0.3 ms for writeFile(x)",
  ],
  [
    {
      type: "content-moved",
      node: "a",
      member: "downloadUrl",
      path: "x",
      other: "http://host/y",
      bytes: 0,
      elapsed: 2,
      error: "Http: 404",
    },
    "store: a moved 0 bytes in 2.0 ms for downloadUrl(x, http://host/y), and failed: Http: 404",
  ],
  [{ type: "node-paused", node: "a", elapsed: 3 }, "store: a was paused after 3.0 ms"],
  [{ type: "node-resumed", node: "a", elapsed: 3 }, "store: a was resumed after 3.0 ms"],
  [{ type: "node-killed", node: "a", elapsed: 3 }, "store: a was killed after 3.0 ms"],
  [
    {
      ...{ type: "process-paused", node: "a", process: "process1" },
      ...{ command: ["etcd"], elapsed: 3 },
    },
    "store: a: etcd was paused after 3.0 ms",
  ],
  [
    {
      ...{ type: "process-resumed", node: "a", process: "process1" },
      ...{ command: ["etcd"], elapsed: 3, error: "Error: no" },
    },
    "store: a: etcd could not be resumed: Error: no",
  ],
  [{ type: "node-down", node: "a" }, "store: a is down: the test kills it"],
  [{ type: "node-up", node: "a" }, "store: a is up again"],
  [{ type: "node-started", node: "a", elapsed: 3 }, "store: a was started after 3.0 ms"],
  [
    { type: "node-restarted", node: "a", elapsed: 3, error: "Error: no" },
    "store: a could not be restarted: Error: no",
  ],
];

for (const [event, line] of SMALL_EVENTS) {
  Deno.test(`showProgress() shows "${line}" only when asked for all`, () => {
    const events = new EventStream("abc");
    const [some, all] = [true, false].map(() => new Screen({ isTerminal: false }));
    using _some = showProgress(events, { name: "store", progress: true, output: some });
    using _all = showProgress(events, { name: "store", progress: "all", output: all });
    events.emit(event);
    assert.deepEqual([some!.lines, all!.lines.map(withoutTime)], [[], [line]]);
  });
}

/** Keeps the event loop going, which the timers of waits do not. */
function keepAlive(): Disposable {
  const interval = setInterval(() => {}, 60_000);
  return { [Symbol.dispose]: () => clearInterval(interval) };
}

Deno.test("showProgress() shows a wait that lasts, and its end", async () => {
  using _alive = keepAlive();
  const events = new EventStream("abc");
  const shown = Promise.withResolvers<void>();
  const output = new Screen({ isTerminal: false });
  const write = output.writeSync.bind(output);
  output.writeSync = (bytes) => (shown.resolve(), write(bytes));
  using _progress = showProgress(events, { name: "store", progress: true, output, patience: 0 });
  const wait = { node: "a", call: "node.waitForPort(80)" };
  events.emit({ type: "wait-started", ...wait });
  await shown.promise;
  events.emit({
    type: "wait-ended",
    ...wait,
    tries: 2,
    elapsed: 7_000,
    error: "Error: no\nstderr:",
  });
  assert.deepEqual(output.lines, [
    "store: waiting: a: node.waitForPort(80) …",
    "store: a was waited for 7000.0 ms, 2 tries: node.waitForPort(80), and failed: Error: no",
  ]);
});

Deno.test("showProgress() shows every event, a line each, when asked for all", () => {
  const events = new EventStream("abc");
  const output = new Screen({ isTerminal: false });
  using _progress = showProgress(events, { name: "store", progress: "all", output });
  events.emit({ type: "cluster-created", backend: "local", name: "store" });
  events.emit({ type: "node-ready", node: "node1", id: "1", address: "127.1.1.1" });
  const command = ["sh", "-c", "echo\n".repeat(100)];
  events.emit({ type: "command-started", node: "node1", process: "process1", command, pid: 7 });
  assert.equal(output.lines.length, 3);
  assert.equal(withoutTime(output.lines[1]!), "store: node1 is ready at 127.1.1.1");
  assert.match(withoutTime(output.lines[2]!), /^store: node1 runs sh -c echo echo .*…$/);
});

Deno.test("showProgress() says of work how long it took, also before it was told of", () => {
  const events = new EventStream("abc");
  const output = new Screen({ isTerminal: false });
  using _progress = showProgress(events, { name: "cluster", progress: true, output });
  events.emit({ type: "work-started", ...sending, elapsed: 1000 });
  events.emit({ type: "work-ended", ...sending, elapsed: 1040 });
  assert.equal(output.lines[1], "sending data (1.0 s)");
});

Deno.test("showProgress() says when an event was, when asked for all", () => {
  const events = new EventStream("abc");
  const output = new Screen({ isTerminal: false });
  const seen: ClusterEvent[] = [];
  using _subscription = events.subscribe((event) => seen.push(event));
  using _progress = showProgress(events, { name: "store", progress: "all", output });
  events.emit({ type: "warning", message: "the clock is off" });
  events.emit({ type: "work-started", ...sending });
  const [time, later] = seen.map(({ time }) => new Date(time).toISOString().slice(11, 23));
  assert.deepEqual(output.lines, [
    `${time} store: the clock is off`,
    `${later} sending data …`,
  ]);
});

Deno.test("showProgress() shows nothing when it is off", () => {
  const events = new EventStream("abc");
  const output = new Screen({ isTerminal: true });
  using _progress = showProgress(events, { name: "cluster", progress: false, output });
  events.emit({ type: "work-started", ...sending });
  events.emit({ type: "warning", message: "the clock is off" });
  assert.equal(output.text, "");
});

/** A program whose work takes long enough to be seen. */
const PROGRAM = `
import { EventStream } from ${JSON.stringify(import.meta.resolve("./event_stream.ts"))};
import { showProgress } from ${JSON.stringify(import.meta.resolve("./progress.ts"))};
function work() {
  const events = new EventStream("abc");
  using _progress = showProgress(events, { name: "cluster" });
  const sending = ${JSON.stringify(sending)};
  events.emit({ type: "work-started", ...sending, done: 5, total: 10, unit: "nodes" });
  events.emit({ type: "work-ended", ...sending });
}
if (Deno.args.length > 0) work();
else Deno.test("work", work);
`;

/** Runs the program by a shell's line, in which it is `$PROGRAM`; resolves to all that it shows. */
async function show(command: string, env: Record<string, string> = {}): Promise<string> {
  const dir = await Deno.makeTempDir({ prefix: "clustertest-progress-" });
  try {
    await Deno.writeTextFile(`${dir}/program_test.ts`, PROGRAM);
    const flags = "-A --no-config --no-check";
    const line = command.replace("$RUN", `"$DENO" run ${flags} program_test.ts go`)
      .replace("$TEST", `"$DENO" test ${flags} program_test.ts`);
    return await runTool(["sh", "-c", line], {
      cwd: dir,
      env: { DENO: Deno.execPath(), CLUSTERTEST_PROGRESS: "", ...env },
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

const CHANGING = "sending data … 50 % (5/10 nodes)";

Deno.test("CLUSTERTEST_PROGRESS switches progress off, and must be known", async () => {
  assert.match(await show("$RUN 2>&1"), /^sending data …\nsending data \(0\.0 s\)\n$/);
  assert.equal(await show("$RUN 2>&1", { CLUSTERTEST_PROGRESS: "off" }), "");
  const wrong = await show("$RUN 2>&1 || true", { CLUSTERTEST_PROGRESS: "loud" });
  assert.match(wrong, /CLUSTERTEST_PROGRESS must be "on", "all", "output" or "off", not "loud"/);
});

const script = await requirement(
  "terminals",
  () => runTool(["script", "-qec", "true", "/dev/null"]),
);

for (const how of ["RUN", "TEST"]) {
  Deno.test({
    name: `progress is a text that changes when \`deno ${how.toLowerCase()}\` has a terminal`,
    ignore: script === undefined,
    async fn() {
      assert.ok((await show(`script -qec '$${how}' /dev/null`)).includes(CHANGING));
      assert.ok(!(await show(`script -qec '$${how} 2>/dev/null' /dev/null`)).includes(CHANGING));
      assert.ok(!(await show(`$${how} 2>&1`)).includes(CHANGING));
    },
  });
}
