import { basename } from "node:path";
import {
  clusterRecordFolder,
  recordedMetrics,
  type RecordedRun,
  RunOutputs,
  runState,
} from "../runs/mod.ts";
import { type ReadCluster, readCluster } from "./moments.ts";
import { nodeSeries } from "./node_series.ts";
import type { ReportData, ReportSeries } from "./report_data.ts";
import { type CollectedOutputs, collectOutputs } from "./report_outputs.ts";
import { type TestReport, testReports } from "./test_report.ts";
import { markRunnerEnds } from "./runner_ends.ts";
import { Timeline } from "./timeline.ts";

/** Spans and marks that a page has: of more, the latest. */
const MAX_THINGS = 150_000;

/** Samples of all nodes that a page has: of more, one stands for several. */
const MAX_SAMPLES = 40_000;

/** Nodes of a run whose processes have charts of their own. */
const MAX_WITH_PROCESSES = 20;

/** All that a report tells of a run. */
export interface RunReport {
  readonly run: RecordedRun;
  readonly tests: readonly TestReport[];
  readonly data: ReportData;
}

/** Reads the record of a run, which may be written meanwhile, cut by a kill, or damaged. */
export function collectReport(
  run: RecordedRun,
  { maxOutputs }: {
    /** Bytes of all outputs that it has. @default as many as a page can hold */
    readonly maxOutputs?: number | undefined;
  } = {},
): RunReport {
  const { id, index } = run;
  const timeline = new Timeline(startOf(run));
  const clusters = index.clusters.map((entry) =>
    readCluster(timeline, { entry, folder: clusterRecordFolder(run, entry) })
  );
  for (const { end } of [...index.clusters, ...index.tests ?? []]) {
    if (end) timeline.since(end.time);
  }
  if (runState(index) !== "running") {
    markRunnerEnds(timeline, { index, clusters });
    timeline.interruptTests();
  }
  const written = outputsOf(run, { timeline, clusters, limit: maxOutputs });
  const series = seriesOf(run, { timeline, clusters });
  const tests = testReports({
    ...{ index, timeline, clusters, outputs: written.outputs, series },
    spans: Map.groupBy(timeline.spans, ({ lane }) => timeline.lanes[lane]!.cluster),
  });
  return {
    run,
    tests,
    data: {
      run: id,
      started: timeline.started,
      duration: timeline.duration,
      lanes: timeline.lanes,
      spans: timeline.spans.slice(-MAX_THINGS),
      marks: timeline.marks.slice(-MAX_THINGS),
      outputs: written.outputs,
      series,
      omitted: omissions({ timeline, clusters, written }),
    },
  };
}

/** The first thing that is known of it: the index is made by the first cluster or the first test. */
function startOf({ index }: RecordedRun): number {
  const starts = [...index.clusters, ...index.tests ?? []].map(({ started }) => started);
  return Math.min(index.started, ...starts.filter(Number.isFinite));
}

function outputsOf(
  run: RecordedRun,
  { timeline, clusters, limit }: {
    readonly timeline: Timeline;
    readonly clusters: readonly ReadCluster[];
    readonly limit: number | undefined;
  },
): CollectedOutputs {
  const lanes = new Map(clusters.map((cluster) => [cluster.entry.folder, cluster.timeline]));
  // A cluster that the index does not have was made after that was read.
  const recorded = new RunOutputs(run).all().filter(({ source }) => lanes.has(source.cluster));
  return collectOutputs(recorded, {
    folder: run.folder,
    laneOf: ({ cluster, node }) => lanes.get(cluster)!.laneOf(node),
    since: (time) => timeline.since(time),
    limit,
  });
}

/** What nodes used, and what tests have measured. */
function seriesOf(
  run: RecordedRun,
  { timeline, clusters }: {
    readonly timeline: Timeline;
    readonly clusters: readonly ReadCluster[];
  },
): ReportSeries[] {
  const nodes = clusters.flatMap(({ entry, timeline: { nodes } }) =>
    [...nodes].filter(([name]) => isFileName(name)).map(([name, lane]) => ({ entry, name, lane }))
  );
  const resolution = timeline.duration * nodes.length / MAX_SAMPLES;
  const names = nodes.length <= MAX_WITH_PROCESSES ? processNames(timeline) : undefined;
  const used = nodes.flatMap(({ entry, name, lane }) =>
    nodeSeries(recordedMetrics(clusterRecordFolder(run, entry), name), {
      ...{ lane, resolution, processNames: names && (names.get(lane) ?? new Map()) },
      since: (time) => timeline.since(time),
    })
  );
  return [...used, ...clusters.flatMap((cluster) => cluster.timeline.measured)];
}

/** The programs of processes, by their lanes and their numbers. */
function processNames({ spans }: Timeline): Map<number, Map<number, string>> {
  const names = new Map<number, Map<number, string>>();
  for (const { lane, process, label } of spans) {
    if (process === undefined) continue;
    const known = names.get(lane) ?? new Map();
    names.set(lane, known.set(process, basename(label.split(" ", 1)[0]!)));
  }
  return names;
}

/** Names of nodes are, but a damaged record may have any. */
function isFileName(name: string): boolean {
  return /^[^./\\\0][^/\\\0]*$/.test(name);
}

function omissions(
  { timeline, clusters, written }: {
    readonly timeline: Timeline;
    readonly clusters: readonly ReadCluster[];
    readonly written: CollectedOutputs;
  },
): string[] {
  const left = [timeline.spans, timeline.marks]
    .reduce((sum, { length }) => sum + Math.max(0, length - MAX_THINGS), 0);
  const damaged = clusters.reduce((sum, cluster) => sum + cluster.damaged, 0);
  return [
    ...written.omitted > 0
      ? [
        `${written.omitted} lines of outputs are not in this page; they are in the files beside it.`,
      ]
      : [],
    ...left > 0 ? [`${left} events are not in this page; they are in events.jsonl beside it.`] : [],
    ...damaged > 0 ? [`${damaged} lines of the record could not be read.`] : [],
  ];
}
