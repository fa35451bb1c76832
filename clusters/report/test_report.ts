import type { RunIndex, TestEnd, TestEntry } from "../record/mod.ts";
import { runState } from "../runs/mod.ts";
import { lastLinesOf } from "./last_lines_of.ts";
import type { Moment, ReadCluster } from "./moments.ts";
import { listOf } from "./event_facts.ts";
import type { ReportOutput, ReportSpan } from "./report_data.ts";
import { type ReportedFailure, reportedFailures } from "./reported_failures.ts";
import { rerunCommand } from "./rerun_command.ts";
import type { Timeline } from "./timeline.ts";

/** Processes that have ended, of which a report tells. */
const MAX_ENDED = 12;

/** Things under way on one node of which a report tells. */
const MAX_ONGOING = 12;

/** Why a test has no end of its own. */
const INTERRUPTED = "The process that ran the test has ended before the test did: it was killed, " +
  "interrupted, or has ended itself.";

/** Lines of a process that are shown. */
const LAST_LINES = 10;

/** What became of a test, or of a cluster that no test has told of. */
export interface TestReport {
  readonly name: string;
  readonly verdict: TestEnd["verdict"] | "ended" | "running";
  /** When it began and ended, on the report's clock; `undefined` while it goes on. */
  readonly start: number;
  readonly end?: number | undefined;
  /** Why it failed: its own failure first. */
  readonly failures: readonly ReportedFailure[];
  /** The folder of its cluster, and its backend. */
  readonly cluster?: string | undefined;
  readonly backend?: string | undefined;
  /** When it was judged, on the report's clock. */
  readonly moment: number;
  /** What was under way then, by node: `""` is what concerns no single one. */
  readonly ongoing: readonly OngoingOfNode[];
  readonly ended: readonly ReportedProcess[];
  /** Processes that had ended, besides those. */
  readonly endedMore: number;
  readonly latest: readonly { readonly time: number; readonly text: string }[];
  /** The command line that runs it again. */
  readonly rerun: string;
  /** Where artifacts of it are, below the run's folder. */
  readonly artifacts?: string | undefined;
}

/** What was under way on a node. */
export interface OngoingOfNode {
  readonly node: string;
  readonly things: readonly ReportedProcess[];
  /** How many there are besides those. */
  readonly more: number;
}

/** Something of the time line, and what it has written last if it is a process. */
export interface ReportedProcess {
  readonly node: string;
  readonly span: ReportSpan;
  readonly lines: readonly string[];
  /** Whether it went on at that moment, whatever became of it later. */
  readonly isOpen: boolean;
}

/** What the reports of tests are made of. */
export interface ReportSources {
  readonly index: RunIndex;
  readonly timeline: Timeline;
  readonly clusters: readonly ReadCluster[];
  readonly outputs: readonly ReportOutput[];
}

/** What became of each test of a run, those first that did not pass. */
export function testReports(sources: ReportSources): TestReport[] {
  const { index, clusters } = sources;
  const tests = index.tests ?? [];
  const told = new Set(tests.map(({ cluster }) => cluster));
  const others = clusters.filter(({ entry }) => !told.has(entry.id));
  return [
    ...tests.map((test) => testReport(test, sources)),
    ...others.map((cluster) => clusterReport(cluster, sources)),
  ].sort((a, b) => rankOf(a) - rankOf(b));
}

function testReport(test: TestEntry, sources: ReportSources): TestReport {
  const { index, clusters, timeline } = sources;
  const cluster = clusters.find(({ entry }) => entry.id === test.cluster);
  const moment = cluster && momentOf(test, cluster);
  const { verdict, time, artifacts } = test.end ?? {};
  const open = runState(index) === "running" ? "running" : "interrupted";
  const end = time ?? moment?.time;
  const from = timeline.since(test.started);
  return {
    ...{ name: test.name, verdict: verdict ?? open, start: from, artifacts },
    ...end !== undefined && { end: timeline.since(end) },
    failures: test.end ? failuresOf(test.end) : [],
    ...cluster && { cluster: cluster.entry.folder, backend: cluster.entry.backend.name },
    ...stateAt(moment, { from, cluster, sources, until: end }),
    rerun: rerunCommand(index, test, chosenBackend(cluster)),
  };
}

/** Of a test that was interrupted nothing has failed. */
function failuresOf(end: TestEnd): ReportedFailure[] {
  const errors = end.verdict === "interrupted" && end.errors.length === 0
    ? [INTERRUPTED]
    : end.errors;
  return reportedFailures({ ...end, errors });
}

/** A cluster that no test has told of: what is known of it is how it ended. */
function clusterReport(cluster: ReadCluster, sources: ReportSources): TestReport {
  const { index, timeline } = sources;
  const { name, started, end, folder, backend } = cluster.entry;
  const moment = cluster.moments.at(-1);
  const open = runState(index) === "running" ? "running" : "interrupted";
  const failed = end && end.errors.length > 0;
  const verdict = !end
    ? open
    : end.how === "interrupted"
    ? "interrupted"
    : failed
    ? "failed"
    : "ended";
  const from = timeline.since(started);
  return {
    ...{ name: `cluster ${name}`, verdict, start: from },
    ...end && { end: timeline.since(end.time) },
    failures: listOf(end?.errors).map((error) => (
      { text: `could not be given back: ${error}`, source: [], callers: [], causes: [] }
    )),
    ...{ cluster: folder, backend: backend.name },
    ...stateAt(moment, { from, cluster, sources, until: end?.time }),
    rerun: rerunCommand(index),
  };
}

/** The end of a test in the events of its cluster; that of the record if it was cut before. */
function momentOf({ name, started }: TestEntry, { moments }: ReadCluster): Moment | undefined {
  const ends = moments.filter(({ test, time = 0 }) => test === name && time >= started);
  return ends[0] ?? moments.at(-1);
}

type State = Pick<TestReport, "ended" | "endedMore" | "latest" | "moment" | "ongoing">;

function stateAt(
  moment: Moment | undefined,
  { from, until, cluster, sources }: {
    readonly from: number;
    readonly until: number | undefined;
    readonly cluster: ReadCluster | undefined;
    readonly sources: ReportSources;
  },
): State {
  const { timeline } = sources;
  const at = timeline.since(moment?.time ?? until ?? timeline.started);
  if (!moment || !cluster) return { moment: at, ongoing: [], ended: [], endedMore: 0, latest: [] };
  const reported = (span: ReportSpan, isOpen: boolean): ReportedProcess => ({
    node: timeline.lanes[span.lane]?.node ?? "",
    ...{ span, isOpen },
    lines: lastLinesOf(span, { ...sources, until: at, count: LAST_LINES }),
  });
  const ended = endedProcesses({ from, at, cluster, timeline });
  const open = moment.open.map((span) => timeline.spans[span]!);
  return {
    moment: at,
    ongoing: byNode(open.filter(({ kind }) => kind !== "test").map((span) => reported(span, true))),
    ended: ended.slice(0, MAX_ENDED).map((span) => reported(span, false)),
    endedMore: Math.max(0, ended.length - MAX_ENDED),
    latest: moment.latest.map(({ time, text }) => ({ time: timeline.since(time), text })),
  };
}

/** Those that did not succeed, the ones that nobody asked to end first, and the latest of these. */
function endedProcesses(
  { from, at, cluster, timeline }: {
    readonly from: number;
    readonly at: number;
    readonly cluster: ReadCluster;
    readonly timeline: Timeline;
  },
): ReportSpan[] {
  const { folder } = cluster.entry;
  const ended = timeline.spans.filter(({ kind, end, state, lane }) =>
    kind === "process" && end !== undefined && end >= from && end <= at &&
    (state === "failed" || state === "asked") && timeline.lanes[lane]?.cluster === folder
  );
  const latestFirst = ended.sort((a, b) => b.end! - a.end!);
  return [
    ...latestFirst.filter(({ state }) => state === "failed"),
    ...latestFirst.filter(({ state }) => state === "asked"),
  ];
}

function byNode(things: readonly ReportedProcess[]): OngoingOfNode[] {
  const sorted = things.toSorted((a, b) =>
    a.span.lane - b.span.lane || kindRank(a.span) - kindRank(b.span)
  );
  return [...Map.groupBy(sorted, ({ node }) => node)].map(([node, all]) => ({
    node,
    things: all.slice(0, MAX_ONGOING),
    more: Math.max(0, all.length - MAX_ONGOING),
  }));
}

/** What the test did to a node says more than what it had open there. */
function kindRank({ kind }: ReportSpan): number {
  const order = [
    "fault",
    "down",
    "paused",
    "step",
    "action",
    "wait",
    "process",
    "transfer",
    "work",
  ];
  const rank = order.indexOf(kind);
  return rank < 0 ? order.length : rank;
}

/** What `CLUSTERTEST_BACKEND` may have said: a backend that is no default of a test. */
function chosenBackend(cluster: ReadCluster | undefined): string | undefined {
  const name = cluster?.entry.backend.name;
  return name === "local" ? undefined : name;
}

/** The less it says that a test is all right, the earlier it comes. */
function rankOf({ verdict }: TestReport): number {
  return ["failed", "interrupted", "running", "ended", "skipped", "passed"].indexOf(verdict);
}
