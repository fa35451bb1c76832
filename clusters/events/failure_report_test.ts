import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { ClusterEvent, EventDetail } from "./events.ts";
import { FailureReport } from "./failure_report.ts";

/** A report that has heard of these events. */
function reportOf(...details: readonly EventDetail[]): FailureReport {
  const report = new FailureReport();
  for (const detail of details) report.take({ time: 0, cluster: "abc", ...detail });
  return report;
}

/** A process of a number that ended. */
function ended(number: number, end: Partial<EventDetail & { type: "command-ended" }>): EventDetail {
  const about = {
    node: "node1",
    process: `process${number}`,
    command: ["etcd", `--name=${number}`],
  };
  const status = { code: 1, signal: null, elapsed: 1_234, stdout: "", stderr: "" };
  return { type: "command-ended", ...about, ...status, ...end };
}

function failure(
  error: string,
  running?: readonly string[],
): Extract<ClusterEvent, { type: "test-ended" }> {
  const record = ".clustertest/runs/run/cluster";
  const test = { test: "it works", verdict: "failed", elapsed: 1, error, record, running } as const;
  return { type: "test-ended", time: 0, cluster: "abc", ...test };
}

Deno.test("FailureReport says what failed, how processes had ended, and where the record is", () => {
  const report = reportOf(
    ended(1, { code: 0 }),
    ended(2, { code: 2, stdout: "not this", stderr: "one\ntwo\n\nthree\n" }),
    ended(3, { code: 137, signal: "SIGKILL", stdout: "words" }),
    { type: "node-lost", node: "node2", reason: "it was killed" },
  );
  deepStrictEqual(report.lines(failure("Error: no\n  1 !== 2")), [
    'test "it works" failed: Error: no',
    "    1 !== 2",
    "  node1: etcd --name=2 had ended with code 2 after 1.2 s",
    "    | one",
    "    | … three",
    "  node1: etcd --name=3 had ended by SIGKILL after 1.2 s",
    "    | words",
    "  1 other process had ended with code 0; lost nodes: node2",
    "  record: .clustertest/runs/run/cluster",
  ]);
});

Deno.test("FailureReport has at most fifteen lines, of the latest processes, whatever happened", () => {
  const many = Array.from({ length: 50 }, (_, i) => ended(i, { stderr: "a\nb\nc\nd" }));
  const nodes = Array.from({ length: 50 }, (_, i) => `node${i}`);
  const lost = nodes.map((node) => ({ type: "node-lost", node, reason: "gone" }) as const);
  const report = reportOf(...many, ...lost);
  const lines = report.lines(failure("x\n".repeat(100)));
  strictEqual(lines.length, 15);
  ok(lines.some((line) => line.includes("--name=49")));
  match(lines.at(-2)!, /47 before them had failed; lost nodes: node0, .*, and 45 more$/);
  strictEqual(reportOf().lines(failure("x\n".repeat(100))).length, 15);
});

Deno.test("FailureReport shows both ends of a text that is too long, and more of its end", () => {
  const text = Array.from({ length: 40 }, (_, i) => `line ${i}`).join("\n");
  const succeeded = [1, 2].map((number) => ended(number, { code: 0 }));
  const lines = reportOf(...succeeded).lines(failure(text));
  deepStrictEqual(lines, [
    'test "it works" failed: line 0',
    ...["line 1", "line 2", "line 3", "…"].map((line) => `  ${line}`),
    ...Array.from({ length: 8 }, (_, i) => `  line ${32 + i}`),
    "  2 other processes had ended with code 0",
    "  record: .clustertest/runs/run/cluster",
  ]);
});

Deno.test("FailureReport shows processes that nobody ended before those that the test did", () => {
  const started = ended(2, {}) as EventDetail & { type: "command-ended" };
  const report = reportOf(
    ended(1, { code: 3, stderr: "panic" }),
    { ...started, type: "command-started", pid: 7 },
    { type: "node-down", node: "node1" },
    { type: "node-up", node: "node1" },
    ended(2, { code: null }),
    ended(3, { code: 143, signal: "SIGTERM", requested: true }),
    ended(4, { code: 1 }),
  );
  deepStrictEqual(report.lines(failure("no")).slice(1, -1), [
    "  node1: etcd --name=1 had ended with code 3 after 1.2 s",
    "    | panic",
    "  node1: etcd --name=4 had ended with code 1 after 1.2 s",
    "  node1: etcd --name=3 had ended by SIGTERM after 1.2 s, as the test asked",
    "  1 other process had been ended by the test",
  ]);
  report.take({ time: 0, cluster: "abc", type: "test-started", test: "it works" });
  report.take({ time: 0, cluster: "abc", ...started, type: "command-started", pid: 7 });
  report.take({ time: 0, cluster: "abc", type: "node-down", node: "node1" });
  report.take({ time: 0, cluster: "abc", ...ended(2, { code: 137, signal: "SIGKILL" }) });
  deepStrictEqual(report.lines(failure("no")).slice(1, -1), [
    "  node1: etcd --name=2 ended after 1.2 s, when the test killed node1",
  ]);
});

Deno.test("FailureReport shows what runs where a wait took too long, and less of what has ended", () => {
  const running = ["node1: `etcd` runs for 30.0 s", "  | no leader"];
  const report = reportOf(ended(1, {}), ended(2, { stderr: "a\nb" }));
  deepStrictEqual(report.lines(failure("no", running)).slice(1, -1), [
    "  node1: `etcd` runs for 30.0 s",
    "    | no leader",
    "  node1: etcd --name=2 had ended with code 1 after 1.2 s",
    "    | a",
    "    | b",
    "  1 before them had failed",
  ]);
  const many = Array.from({ length: 50 }, (_, i) => `line ${i}`);
  const lines = report.lines(failure("x\n".repeat(100), many));
  strictEqual(lines.length, 15);
  ok(lines.includes("  line 49") && lines.includes("  line 0"), lines.join("\n"));
});

Deno.test("FailureReport leaves out the process that the test's error tells of", () => {
  const end = ended(1, {}) as EventDetail & { type: "command-ended" };
  const essential = { ...end, type: "essential-process-ended" } as const;
  for (const order of [[end, essential], [essential, end]]) {
    strictEqual(reportOf(...order).lines(failure("Error: it ended")).length, 2);
  }
});

Deno.test("FailureReport shows no line of an output that the error has, too", () => {
  const report = reportOf(ended(1, { stderr: "a\nb\nc" }), ended(2, { stderr: "other" }));
  deepStrictEqual(report.lines(failure("CommandError: no\nstderr:\n  a\n  b\n  c")).slice(5, -1), [
    "  node1: etcd --name=1 had ended with code 1 after 1.2 s",
    "  node1: etcd --name=2 had ended with code 1 after 1.2 s",
    "    | other",
  ]);
});

Deno.test("FailureReport shows what a wait has seen last, at the end of a long line", () => {
  const text = `TimeoutError: ${"x".repeat(300)}; it failed with: NOQUORUM`;
  match(reportOf().lines(failure(text))[0]!, /failed with: NOQUORUM$/);
});

Deno.test("FailureReport knows of no process from before the test, nor lets one act on a terminal", () => {
  const report = reportOf(ended(1, {}), { type: "test-started", test: "it works" });
  strictEqual(report.lines(failure("no")).length, 2);
  report.take({ time: 0, cluster: "abc", ...ended(2, { stderr: "\x1b]0;title\x07\rred\x9b" }) });
  const text = report.lines(failure("\x1b[2J")).join("\n");
  // deno-lint-ignore no-control-regex -- there must be none
  ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f]/.test(text), text);
});
