import type { TestEnd, TestEntry } from "../record/mod.ts";
import { runState } from "../runs/mod.ts";
import { listOf } from "./event_facts.ts";
import { failedSpans } from "./failed_spans.ts";
import { interruptionText } from "./interruption.ts";
import { type MadeWith, madeWith } from "./made_with.ts";
import type { MissingArtifacts, Moment, ReadCluster } from "./moments.ts";
import type { ReportSpan } from "./report_data.ts";
import {
  type Caller,
  callerAt,
  interruption,
  type ReportedFailure,
  reportedFailures,
} from "./reported_failures.ts";
import { rerunCommand } from "./rerun_command.ts";
import { type ReportSources, stateAt, type StateAtMoment } from "./state_at_moment.ts";

/** What became of a test, or of a cluster that no test has told of. */
export interface TestReport extends StateAtMoment {
  readonly name: string;
  /** The path of its file, if that is known. */
  readonly file?: string | undefined;
  readonly verdict: TestEnd["verdict"] | "ended" | "running";
  /** When it began and ended, on the report's clock; `undefined` while it goes on. */
  readonly start: number;
  readonly end?: number | undefined;
  /** Why it failed: its own failure first. */
  readonly failures: readonly ReportedFailure[];
  /** The folder of its cluster, and its backend. */
  readonly cluster?: string | undefined;
  readonly backend?: string | undefined;
  /** What its cluster was made with. */
  readonly made?: MadeWith | undefined;
  /** The steps in which it failed, from the outermost one on. */
  readonly steps: readonly ReportSpan[];
  /** The wait that failed with the test, which may be elsewhere than what has made it fail. */
  readonly wait?: FailedWait | undefined;
  /** The command line that runs it again. */
  readonly rerun: string;
  /** Where artifacts of it are, below the run's folder. */
  readonly artifacts?: string | undefined;
  /** Nodes of which not all artifacts are there. */
  readonly missingArtifacts: readonly MissingArtifacts[];
}

/** A wait that failed with a test. */
export interface FailedWait {
  readonly span: ReportSpan;
  /** Where it waited: `""` is no single node. */
  readonly node: string;
  /** Where the test has waited; `undefined` if that cannot be read. */
  readonly caller?: Caller | undefined;
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
  const ending = test.end ?? { verdict: open, errors: [], time: Date.now() };
  const failures = [
    ...failuresOf(ending, {
      places: moment?.places ?? [],
      interrupted: interruptionText(index, test.end && timeline.since(test.end.time)),
    }),
    // Of a test that was not interrupted they are its own already.
    ...ending.verdict === "interrupted" ? leftBehind(cluster) : [],
  ];
  return {
    ...{
      name: test.name,
      file: test.file,
      verdict: verdict ?? open,
      start: from,
      artifacts,
      missingArtifacts: moment?.missing ?? [],
      failures,
    },
    ...end !== undefined && { end: timeline.since(end) },
    steps: failedSpans(failures[0]?.text, { kind: "step", cluster, timeline }),
    wait: failedWait(failures[0], { cluster, sources, time: ending.time }),
    ...cluster && placeOf(cluster),
    ...stateAt(moment, {
      ...{ from, cluster, sources, until: end },
      ...ending.verdict === "failed" && { error: failures[0]?.text },
    }),
    rerun: rerunCommand(index, test),
  };
}

/** Of a test that was interrupted nothing has failed: what is known is which line began something last. */
function failuresOf(
  { verdict, ...end }: Omit<TestEnd, "verdict"> & { readonly verdict: TestReport["verdict"] },
  { places, interrupted: text }: {
    readonly places: readonly string[];
    readonly interrupted: string;
  },
): ReportedFailure[] {
  const isUnknown = verdict === "interrupted" && listOf(end.errors).length === 0;
  return isUnknown ? [interruption(places, { text, time: end.time })] : reportedFailures(end);
}

/** Where it ran. */
function placeOf({ entry }: ReadCluster): Pick<TestReport, "backend" | "cluster" | "made"> {
  return { cluster: entry.folder, backend: entry.backend.name, made: madeWith(entry) };
}

/** The innermost wait that failed as the test did. */
function failedWait(
  failure: ReportedFailure | undefined,
  { cluster, sources: { timeline }, time }: {
    readonly cluster: ReadCluster | undefined;
    readonly sources: ReportSources;
    readonly time: number;
  },
): FailedWait | undefined {
  const span = failedSpans(failure?.text, { kind: "wait", cluster, timeline }).at(-1);
  if (!span) return undefined;
  const [place] = span.facts?.find(([name]) => name === "called at")?.[1].split("\n") ?? [];
  const node = timeline.lanes[span.lane]?.node ?? "";
  return { span, node, caller: place === undefined ? undefined : callerAt(place, time) };
}

/** What of a cluster could not be given back. */
function leftBehind(cluster: ReadCluster | undefined): ReportedFailure[] {
  return listOf(cluster?.entry.end?.errors).map((error) => (
    { text: `could not be given back: ${error}`, source: [], callers: [], causes: [] }
  ));
}

/** A cluster that no test has told of: what is known of it is how it ended. */
function clusterReport(cluster: ReadCluster, sources: ReportSources): TestReport {
  const { index, timeline } = sources;
  const { name, started, end } = cluster.entry;
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
    failures: leftBehind(cluster),
    missingArtifacts: [],
    steps: [],
    ...placeOf(cluster),
    ...stateAt(moment, { from, cluster, sources, until: end?.time }),
    rerun: rerunCommand(index),
  };
}

/** The end of a test in the events of its cluster; that of the record if it was cut before. */
function momentOf({ name, started }: TestEntry, { moments }: ReadCluster): Moment | undefined {
  const ends = moments.filter(({ test, time = 0 }) => test === name && time >= started);
  return ends[0] ?? moments.at(-1);
}

/** The less it says that a test is all right, the earlier it comes. */
function rankOf({ verdict }: TestReport): number {
  return ["failed", "interrupted", "running", "ended", "skipped", "passed"].indexOf(verdict);
}
